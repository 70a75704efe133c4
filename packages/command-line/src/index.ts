export { ProgramCommand } from './command.ts';
export {
  type CompletableValue,
  type Completion,
  type CompletionInput,
  completeFromList,
  completeLine,
  renderCompletions,
  withChoices,
} from './complete.ts';
export { completionScript, completionVariable, isShell, SHELLS, type Shell } from './completion-script.ts';
export { describeParseError } from './parse-error.ts';
export { contextOf, ProgramPlugin } from './plugin.ts';
export {
  type CommandIndex,
  createManifest,
  type Definition,
  loadCommands,
  loadDefinitions,
  type Manifest,
  type Program,
} from './program.ts';
export { type Line, readLine } from './read-line.ts';
export { type Run, runCommand, showHelp } from './run.ts';
export { renderTable } from './table.ts';
