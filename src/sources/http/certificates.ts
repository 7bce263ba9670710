import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';
import { UserError } from '../../model/errors';

/** Where Unix systems keep the certificates that they trust; the first that can be read counts. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * What to trust when `jira.caFile` is set: its certificates, Node's, the system's, and those of `NODE_EXTRA_CA_CERTS`
 * (naming any `ca` makes Node forget all others). Without a file: undefined, Node's and VS Code's own way.
 */
export async function trustWith(
  caFile: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<tls.SecureContext | undefined> {
  if (!caFile) return undefined;
  const own = await readOwn(caFile);
  try {
    return tls.createSecureContext({
      ca: [
        ...own,
        ...tls.rootCertificates,
        ...(await systemCertificates()),
        ...(await extraCertificates(env)),
      ],
    });
  } catch (error) {
    throw unusable(caFile, 'holds a certificate that cannot be read', error);
  }
}

async function readOwn(caFile: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(caFile, 'utf8');
  } catch (error) {
    throw unusable(caFile, 'cannot be read', error);
  }
  const certificates = pemCertificates(text);
  if (certificates.length === 0) throw unusable(caFile, 'holds no PEM certificate', undefined);
  return certificates;
}

const unusable = (caFile: string, why: string, cause: unknown): UserError =>
  new UserError(
    `The certificate file ${caFile} ${why}.`,
    'Set jira.caFile to a PEM file, or leave it empty.',
    {
      cause,
    },
  );

async function systemCertificates(): Promise<string[]> {
  // Since Node 22.15; knows the Windows and macOS stores too.
  if (typeof tls.getCACertificates === 'function') return tls.getCACertificates('system');
  for (const file of systemBundles) {
    const certificates = await readPem(file);
    if (certificates.length > 0) return certificates;
  }
  return [];
}

async function extraCertificates(env: NodeJS.ProcessEnv): Promise<string[]> {
  return env['NODE_EXTRA_CA_CERTS'] ? readPem(env['NODE_EXTRA_CA_CERTS']) : [];
}

async function readPem(file: string): Promise<string[]> {
  try {
    return pemCertificates(await readFile(file, 'utf8'));
  } catch {
    return [];
  }
}

const pemCertificates = (text: string): string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
