import { spawn } from 'node:child_process';

/** Marks the line in which the shell itself prints what it has completed. */
const MARK = 'RESULT';

/** How each shell starts without anybody's settings, and what it needs before a completion script. */
const SHELLS = {
  bash: { command: 'bash --norc --noprofile -i', setup: '' },
  zsh: { command: 'zsh -f -i', setup: 'bindkey -e; autoload -Uz compinit; compinit -D -u; ' },
} as const;

/**
 * Types `typed` and a tab into an interactive shell on a terminal of its own, after the completion script was sourced.
 * Resolves to the line as the shell has completed it.
 */
export function completeInShell(
  shell: keyof typeof SHELLS,
  { script, typed, env }: { script: string; typed: string; env: Readonly<Record<string, string>> },
): Promise<string> {
  const { command, setup } = SHELLS[shell];
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env: { ...env, TERM: 'dumb' } });
  const goToStart = '\x01';
  let output = '';
  let step = 0;
  child.stdout.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => reject(new Error(`${shell} ended: ${output}`)));
    child.stdout.on('data', (text: string) => {
      output += text;
      if (step === 0 && /^READY/m.test(output)) {
        step = 1;
        child.stdin.write(`${typed}\t${goToStart}echo ${MARK} \r`);
      }
      const result = new RegExp(`^${MARK} ([^\\r\\n]*)\\r?\\n`, 'm').exec(output)?.[1];
      if (step !== 1 || result === undefined) return;
      step = 2;
      resolve(result.trim());
      child.stdin.end('exit\r');
      child.kill();
    });
    child.stdin.write(`PS1='> '; ${setup}source '${script}'; echo READY\r`);
  });
}
