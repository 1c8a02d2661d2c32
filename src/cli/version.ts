// The version of this repro; the build puts the number of package.json in its place.
import packageJson from '../../package.json' with { type: 'json' };

export const VERSION: string = packageJson.version;
