{{/* What the controller may do where its objects are. */}}
{{- define "rollcall.rules.watched" -}}
- apiGroups: [rollcall.dev]
  resources: [identities, businessroles, accessprofiles, grants, stores, targets, exports, approvals, provisioningtasks]
  verbs: [get, list, watch]
- apiGroups: [rollcall.dev]
  resources: [provisioningtasks]
  verbs: [create, patch, delete]
{{- /* It takes out what was said in vain. */}}
- apiGroups: [rollcall.dev]
  resources: [targets]
  verbs: [complete]
- apiGroups: [rollcall.dev]
  resources:
    - identities/status
    - businessroles/status
    - accessprofiles/status
    - grants/status
    - stores/status
    - targets/status
    - exports/status
    - approvals/status
    - provisioningtasks/status
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- with .Values.secrets.names }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{- toYaml . | nindent 4 }}
  verbs: [get, list, watch]
{{- end }}
{{- if .Values.secrets.all }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch]
{{- end }}
{{- if .Values.secrets.deliver }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [create, patch]
{{- end }}
{{- end }}

{{/* Names cannot be asked of create: the object has none yet when that is decided. */}}
{{- define "rollcall.rules.own" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [rollcall]
  verbs: [get, update]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [create]
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: [rollcall-state]
  verbs: [get, patch]
{{- end }}

{{/* Does a namespace go, or a kind's definition? Absence proves nothing then. Who asks the read API, and may they? */}}
{{- define "rollcall.rules.cluster" -}}
- apiGroups: [""]
  resources: [namespaces]
  {{- if .Values.watch.allNamespaces }}
  verbs: [get, list]
  {{- else }}
  resourceNames: {{- include "rollcall.namespaces" . | fromJsonArray | toYaml | nindent 4 }}
  verbs: [get]
  {{- end }}
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  resourceNames:
    - identities.rollcall.dev
    - businessroles.rollcall.dev
    - accessprofiles.rollcall.dev
    - grants.rollcall.dev
    - stores.rollcall.dev
    - targets.rollcall.dev
    - exports.rollcall.dev
  verbs: [get]
- apiGroups: [authentication.k8s.io]
  resources: [tokenreviews]
  verbs: [create]
- apiGroups: [authorization.k8s.io]
  resources: [subjectaccessreviews]
  verbs: [create]
{{- end }}

{{/* A binding's other half. */}}
{{- define "rollcall.subjects" -}}
- kind: ServiceAccount
  name: rollcall
  namespace: {{ .Release.Namespace }}
{{- end }}
