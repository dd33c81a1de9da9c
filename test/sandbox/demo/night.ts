import type { Stage } from './stage.ts';
export async function watchNight(_stage: Stage, _say: (text: string) => void): Promise<void> {}
