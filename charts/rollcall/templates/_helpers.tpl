{{/* Names are fixed: a namespace has one release, and the Lease and the state's ConfigMap are called the same. */}}
{{- define "rollcall.selectorLabels" -}}
app.kubernetes.io/name: rollcall
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "rollcall.labels" -}}
{{ include "rollcall.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Of what is the cluster's and not a namespace's: two releases must not share it. */}}
{{- define "rollcall.clusterName" -}}
rollcall:{{ .Release.Namespace }}
{{- end }}

{{/* Annotations of what must outlive the release, whoever installs it: Helm (and Argo CD, which heeds Helm's), Flux. */}}
{{- define "rollcall.kept" -}}
helm.sh/resource-policy: keep
kustomize.toolkit.fluxcd.io/prune: disabled
{{- end }}

{{/* The namespaces that are watched by name, as a JSON list. */}}
{{- define "rollcall.namespaces" -}}
{{ .Values.watch.namespaces | default (list .Release.Namespace) | uniq | toJson }}
{{- end }}

{{- define "rollcall.claim" -}}
{{ .Values.state.sqlite.existingClaim | default "rollcall-state" }}
{{- end }}

{{/* What the values say that cannot be. What one value alone can say wrong, values.schema.json refuses. */}}
{{- define "rollcall.check" -}}
{{- if and (eq .Values.state.type "SQLite") (gt (int .Values.replicas) 1) }}
{{- fail "cannot run several replicas on SQLite, which one process writes: set replicas to 1, or state.type to Postgres" }}
{{- end }}
{{- if and (eq .Values.state.type "Postgres") (not .Values.state.postgres.secretName) }}
{{- fail "cannot find Postgres: set state.postgres.secretName to the Secret that holds its URL" }}
{{- end }}
{{- if and .Values.watch.allNamespaces .Values.watch.namespaces }}
{{- fail "cannot watch both all namespaces and some by name: set watch.allNamespaces or watch.namespaces" }}
{{- end }}
{{- if and .Values.secrets.all .Values.secrets.names }}
{{- fail "cannot read both all Secrets and some by name: set secrets.all or secrets.names" }}
{{- end }}
{{- end }}
