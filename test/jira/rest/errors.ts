import type { Fault } from '../faults';
import type { Answer } from './answer';

const LOGIN_PAGE = `<!DOCTYPE html><html lang="en"><head><title>Sign in - Acme SSO</title></head>
<body><form action="/sso" method="post"><h1>Sign in to continue</h1><input name="user"><input type="password" name="pass"><button>Log in</button></form></body></html>`;

export function loginPage(): Answer {
  return { status: 200, body: LOGIN_PAGE, contentType: 'text/html;charset=UTF-8' };
}

/** The answer of a fault, or undefined for those that work on the connection. */
export function faultAnswer(fault: Fault, base: string, cloud: boolean): Answer | undefined {
  switch (fault.kind) {
    case 'rateLimit':
      return rateLimited(fault, cloud);
    case 'status':
      return {
        status: fault.status,
        body: fault.body ?? `<html><body>${page(fault.status)}</body></html>`,
        contentType: fault.contentType ?? 'text/html',
        ...(fault.retryAfter === undefined ? {} : { headers: { 'retry-after': String(fault.retryAfter) } }),
      };
    case 'loginPage':
      if (!fault.redirect) return loginPage();
      return { status: 302, headers: { location: `${base}/login?os_destination=%2F` } };
    case 'scope':
      return scopeMismatch();
    case 'captcha':
      return {
        status: 403,
        headers: {
          'x-authentication-denied-reason': `CAPTCHA_CHALLENGE; login-url=${base}/login.jsp`,
          'x-seraph-loginreason': 'AUTHENTICATION_DENIED',
        },
      };
    case 'noSite':
      return {
        status: 404,
        contentType: 'text/html',
        headers: { 'atl-missing-tcs': 'true' },
        body: '<!DOCTYPE html><html><head><title>Atlassian Cloud Notifications - Page Unavailable</title></head><body><h1>Page unavailable</h1></body></html>',
      };
    default:
      return undefined;
  }
}

/** 429 as Cloud (JSON or page) or Data Center (page) sends it. */
export function rateLimited(fault: Extract<Fault, { kind: 'rateLimit' }>, cloud: boolean): Answer {
  const headers: Record<string, string> = {
    'x-ratelimit-limit': cloud ? '350' : '5',
    'x-ratelimit-remaining': '0',
  };
  if (fault.retryAfter !== null) headers['retry-after'] = String(fault.retryAfter ?? 1);
  if (cloud) headers['ratelimit-reason'] = fault.reason ?? 'jira-burst-based';
  else Object.assign(headers, { 'x-ratelimit-fillrate': '5', 'x-ratelimit-interval-seconds': '1' });
  if (cloud && !fault.html) {
    return { status: 429, headers, body: { errorMessages: ['Rate limit exceeded.'], errors: {} } };
  }
  const title = 'HTTP Status 429 – Too Many Requests';
  const body = `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1><p><b>Message</b> Rate limit exceeded.</p></body></html>`;
  return { status: 429, headers, body, contentType: 'text/html;charset=utf-8' };
}

export function scopeMismatch(): Answer {
  return { status: 401, body: { code: 401, message: 'Unauthorized; scope does not match' } };
}

export function mustSignIn(): Answer {
  return {
    status: 401,
    body: { message: 'Client must be authenticated to access this resource.', 'status-code': 401 },
  };
}

/** Data Center's answer to a failed Basic sign-in. */
export function basicRefused(base: string): Answer {
  return {
    status: 401,
    contentType: 'text/html;charset=UTF-8',
    headers: {
      'x-seraph-loginreason': 'AUTHENTICATED_FAILED',
      'www-authenticate': `OAuth realm="${encodeURIComponent(base)}"`,
    },
    body: '<div class="aui-message aui-message-warning warning"><p>Encountered a <code>&quot;401 - Unauthorized&quot;</code> error while loading this page.</p><p>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</p></div>',
  };
}

/** The gateway does not know the cloud id. */
export function unknownCloudId(path: string, now: number): Answer {
  return {
    status: 404,
    contentType: 'application/json',
    body: {
      timestamp: new Date(now).toISOString(),
      status: 404,
      error: 'Not Found',
      message: 'No message available',
      path,
    },
  };
}

export function unknownPath(method: string, path: string, cloud: boolean): Answer {
  if (!cloud) {
    const body = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><status><status-code>404</status-code><message>null for uri: ${path.replace(/[<>&]/g, '')}</message></status>`;
    return { status: 404, contentType: 'application/xml;charset=UTF-8', body };
  }
  return {
    status: 404,
    contentType: 'application/problem+json;charset=UTF-8',
    body: {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: `No endpoint ${method} ${path}.`,
      instance: path,
    },
  };
}

function page(status: number): string {
  const names: Record<number, string> = {
    500: 'Internal Server Error',
    502: 'Bad Gateway',
    503: 'Service Unavailable',
    504: 'Gateway Timeout',
  };
  return names[status] ?? `Status ${status}`;
}
