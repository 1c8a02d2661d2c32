// The completion scripts for the shells. Each hands the words before the cursor to `repro __complete` and offers what comes
// back; all knowledge is there, so a script stays right when the program changes. Text only.

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of repro for bash: put this into ~/.bashrc
#   source <(repro completion bash)
_repro() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" __complete bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  if [ "\${COMPREPLY[0]}" = nospace ]; then compopt -o nospace 2>/dev/null; fi
  COMPREPLY=("\${COMPREPLY[@]:1}")
}
complete -F _repro repro
`,
  zsh: `#compdef repro
# Completion of repro for zsh: put this into ~/.zshrc, below compinit
#   source <(repro completion zsh)
_repro() {
  local -a lines values shown end
  local line
  lines=("\${(@f)$("\${words[1]}" __complete zsh "\${(@Q)words[1,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  [[ $lines[1] == nospace ]] && end=(-S '')
  for line in "\${(@)lines[2,-1]}"; do
    [[ -z $line ]] && continue
    values+=("\${line%%$'\\t'*}")
    if [[ -n \${line#*$'\\t'} ]]; then
      shown+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}")
    else
      shown+=("\${line%%$'\\t'*}")
    fi
  done
  (( $#values )) && compadd "$end[@]" -l -d shown -a values
}
if [[ "$funcstack[1]" == _repro ]]; then _repro "$@"; else compdef _repro repro; fi
`,
  fish: `# Completion of repro for fish: put this into ~/.config/fish/completions/repro.fish
function __repro_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct | string unescape)
  $words[1] __complete fish $words "$current" 2>/dev/null | tail -n +2
end
complete -c repro -f -a '(__repro_complete)'
`,
};
