/** What a request asks for, in RBAC's words. */
export interface Asked {
  /** `list`, `patch`, … */
  readonly verb: string;
  /** `identities.rollcall.dev`, `targets.rollcall.dev/status`; the path itself where it is no resource's. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

const resourcePath =
  /^\/(?:api\/[^/]+|apis\/(?<group>[^/]+)\/[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[^/]+))?)?$/;

/** See "Determine the request verb" in Kubernetes' documentation of authorization. */
export function askedBy(method: string, path: string, watch: boolean): Asked {
  const parts = resourcePath.exec(path)?.groups;
  if (parts === undefined) return { verb: method.toLowerCase(), resource: path };
  const { group, plural, namespace, name, subresource } = parts;
  const resource = `${plural}${group === undefined ? "" : `.${group}`}${subresource === undefined ? "" : `/${subresource}`}`;
  return {
    verb: verbOf(method, name !== undefined, watch),
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name: decodeURIComponent(name) }),
  };
}

function verbOf(method: string, named: boolean, watch: boolean): string {
  if (method === "GET") return watch ? "watch" : named ? "get" : "list";
  if (method === "DELETE") return named ? "delete" : "deletecollection";
  return { POST: "create", PUT: "update", PATCH: "patch" }[method] ?? method.toLowerCase();
}

/** `cannot list identities.rollcall.dev in namespace acme` */
export function cannot({ verb, resource, namespace, name }: Asked): string {
  return `cannot ${verb} ${resource}${name === undefined ? "" : ` "${name}"`}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}

/** What a person does about a status, as the end of a sentence; nothing where the server's own words say it. */
export function cureOf(status: number, { verb, resource, namespace, name }: Asked): string {
  if (status === 401) return ": its credentials are not accepted, renew the token or certificate";
  if (status === 403) {
    const role = namespace === undefined ? "a ClusterRole" : `a Role in namespace ${namespace}`;
    return `: allow the verb ${verb} on ${resource} by ${role}`;
  }
  if (status === 404 && name === undefined) return ": it is not served, install its CustomResourceDefinition";
  return "";
}
