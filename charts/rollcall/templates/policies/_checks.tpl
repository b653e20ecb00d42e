{{/*
Parts of the ValidatingAdmissionPolicies. An authorizer check costs 350,000 of the 1,000,000 units that the API server allows one
expression, and of the 10,000,000 of one policy: so one check an expression, and 24 a policy beside the one for all names.
*/}}

{{/* What every policy begins with. Takes root, resource (plural). */}}
{{- define "rollcall.policy.head" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ .resource }}.access.rollcall.dev
  labels: {{- include "rollcall.labels" .root | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: [rollcall.dev]
        apiVersions: ["*"]
        resources: [{{ .resource }}]
        operations: [CREATE, UPDATE]
{{- end }}

{{- define "rollcall.policy.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .resource }}.access.rollcall.dev
  labels: {{- include "rollcall.labels" .root | nindent 4 }}
spec:
  policyName: {{ .resource }}.access.rollcall.dev
  validationActions: {{- toYaml .root.Values.accessPolicies.validationActions | nindent 4 }}
{{- end }}

{{/*
Nothing of the object was in force before: it is new or, where the controller reads by labels alone, its labels differ.
*/}}
{{- define "rollcall.policy.anew" -}}
oldObject == null
{{- if .Values.watch.selector }} || object.metadata.?labels.orValue({}) != oldObject.metadata.?labels.orValue({}){{ end }}
{{- end }}

{{/* May the user give what this names? Takes resource and name (CEL; the name of all of them where none is given). */}}
{{- define "rollcall.policy.granted" -}}
authorizer.group('rollcall.dev').resource({{ .resource }}).namespace(object.metadata.namespace)
{{- with .name }}.name({{ . }}){{ end }}.check('grant').allowed()
{{- end }}

{{- define "rollcall.policy.refusal" -}}
'user "' + request.userInfo.username + '" would give access, which needs the verb "grant" on {{ .resource }}.rollcall.dev "' + {{ .name }} + '" in namespace "' + object.metadata.namespace + '": ClusterRole rollcall-admin has it'
{{- end }}

{{/* Every name of the list variables.<names> is granted: unrolled. Takes resource, names. */}}
{{- define "rollcall.policy.each" -}}
{{- $most := 24 }}
- expression: variables.{{ .names }}.size() <= {{ $most }} || variables.all
  messageExpression: >-
    'user "' + request.userInfo.username + '" would give access by more than {{ $most }} {{ .resource }} in one change: give it by
    {{ $most }} at a time, or leave it to somebody with the verb "grant" on all {{ .resource }}.rollcall.dev in namespace "'
    + object.metadata.namespace + '": ClusterRole rollcall-admin has it'
  reason: Forbidden
{{- range $i := until $most }}
{{- $name := printf "variables.%s[%d]" $.names $i }}
- expression: >-
    variables.{{ $.names }}.size() <= {{ $i }} || variables.all
    || {{ include "rollcall.policy.granted" (dict "resource" (squote $.resource) "name" $name) }}
  messageExpression: >-
    variables.{{ $.names }}.size() <= {{ $i }} ? '' : {{ include "rollcall.policy.refusal" (dict "resource" $.resource "name" $name) }}
  reason: Forbidden
{{- end }}
{{- end }}

{{/* All but suspend: true is as it was. */}}
{{- define "rollcall.policy.changed" -}}
variables.anew
|| dyn(object.spec).exists(k, !(k == 'suspend' && dyn(object.spec)[k] == true)
&& (!(k in dyn(oldObject.spec)) || dyn(object.spec)[k] != dyn(oldObject.spec)[k]))
|| dyn(oldObject.spec).exists(k, !(k in dyn(object.spec)))
{{- end }}
