// The part of ml-logistic-regression 2.0 that is used; the package has no types of its own.
declare module 'ml-logistic-regression' {
  const packageExports: unknown;
  export default packageExports;
}
