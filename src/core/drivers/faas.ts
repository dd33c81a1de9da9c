// Functions (FaaS): which environment variables a driver takes for one, because it then polls instead of streaming.

import type { DriverChoice } from './driver.ts';

const FAAS_NAMES = ['vercel', 'aws.lambda', 'azure.func', 'gcp.func'] as const;

/** The specification's name of an environment. */
export type FaasName = (typeof FAAS_NAMES)[number];

/** Specification: handshake. Of the value of AWS_EXECUTION_ENV only `AWS_Lambda_…` counts: AWS_ECS_FARGATE is none. */
const VARIABLES: Readonly<Record<FaasName, readonly string[]>> = {
  vercel: ['VERCEL'],
  'aws.lambda': ['AWS_LAMBDA_RUNTIME_API', 'AWS_EXECUTION_ENV'],
  'azure.func': ['FUNCTIONS_WORKER_RUNTIME'],
  'gcp.func': ['K_SERVICE', 'FUNCTION_NAME'],
};

/** Driver source: PyMongo and C# poll with variables of two families, where the specification sees no function. */
const ANY_FAMILY: readonly DriverChoice[] = ['python', 'csharp'];
/** Driver source: an empty variable counts as set. */
const EMPTY_COUNTS: readonly DriverChoice[] = ['csharp', 'java', 'ruby'];
/** Driver source: of Google's variables only K_SERVICE counts. */
const WITHOUT_FUNCTION_NAME: readonly DriverChoice[] = ['c', 'cpp', 'php'];

/** Null where the driver sees no function. Every Cloud Run and Knative service is one, long-lived ones too. */
export function faasOf(env: Readonly<Record<string, string | undefined>>, driver: DriverChoice): FaasName | null {
  const [first, ...others] = FAAS_NAMES.filter((name) => VARIABLES[name].some((variable) => counts(variable)));
  if (first === undefined) return null;
  // Vercel runs on Lambda.
  const isOne = others.length === 0 || (first === 'vercel' && others.join() === 'aws.lambda');
  return isOne || ANY_FAMILY.includes(driver) ? first : null;

  function counts(variable: string): boolean {
    const value = env[variable];
    if (value === undefined || (variable === 'FUNCTION_NAME' && WITHOUT_FUNCTION_NAME.includes(driver))) return false;
    if (variable === 'AWS_EXECUTION_ENV') return value.startsWith('AWS_Lambda_');
    return value !== '' || EMPTY_COUNTS.includes(driver);
  }
}
