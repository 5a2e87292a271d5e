import module from 'node:module';

// Node keeps what it has compiled of the command, from one run to the next: else that takes as long as a small model's inspection.
module.enableCompileCache?.();
await import('./command.ts');
