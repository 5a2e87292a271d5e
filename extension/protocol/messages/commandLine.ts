/** What is wrong with a command line, before anything is opened. Here a flag has its dashes: no editor says these. */
export const commandLineMessages = {
  commandUnknown: 'There is no command "{command}". Use one of: {known}. Try --help.',
  commandTakesOne: '{command} takes one model file, not {count}. Try --help.',
  commandNeedsOut: '{command} needs --out FILE, whose ending says the format. Try --help.',
  flagUnknown: '{command} has no flag {flag}. Try --help.',
  flagNeedsValue: '{flag} needs a value. Try --help.',
  flagBeforeFlag:
    '{flag} needs a value, but {value} follows. If that is the value, write {flag}={value}. Try --help.',
  flagTakesNone: '{flag} takes no value. Try --help.',
  reportEnding: '--report {file} should end in .html, .md or .json. Try --help.',
} as const;
