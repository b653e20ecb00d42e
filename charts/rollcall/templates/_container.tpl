{{- define "rollcall.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
args:
  - controller
  {{- if .Values.watch.allNamespaces }}
  - --all-namespaces
  {{- else }}
  {{- range include "rollcall.namespaces" . | fromJsonArray }}
  - --namespace={{ . }}
  {{- end }}
  {{- end }}
  {{- with .Values.watch.selector }}
  - --selector={{ . }}
  {{- end }}
  {{- range .Values.odbcDrivers }}
  - {{ printf "--odbc-driver=%s" . | quote }}
  {{- end }}
  - --listen=0.0.0.0:9464
  {{- if .Values.api.tlsSecretName }}
  - --api-listen=0.0.0.0:9465
  - --api-cert=/etc/rollcall/api/tls.crt
  - --api-key=/etc/rollcall/api/tls.key
  {{- else }}
  - --api-listen=127.0.0.1:9465
  {{- end }}
  - --log-level={{ .Values.logLevel }}
env:
  - name: ROLLCALL_STATE
    {{- if eq .Values.state.type "SQLite" }}
    value: /var/lib/rollcall
    {{- else }}
    valueFrom:
      secretKeyRef: { name: {{ .Values.state.postgres.secretName }}, key: {{ .Values.state.postgres.key }} }
    {{- end }}
  # Of the memory limit; the rest is for what lies outside of JavaScript's heap.
  - name: NODE_OPTIONS
    value: --max-old-space-size-percentage=75
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
ports:
  - { name: metrics, containerPort: 9464 }
  {{- if .Values.api.tlsSecretName }}
  - { name: api, containerPort: 9465 }
  {{- end }}
startupProbe:
  httpGet: { path: /healthz, port: metrics }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /healthz, port: metrics }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: metrics }
  periodSeconds: 5
  timeoutSeconds: 5
resources: {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  {{- if eq .Values.state.type "SQLite" }}
  - { name: state, mountPath: /var/lib/rollcall }
  {{- end }}
  {{- if .Values.api.tlsSecretName }}
  - { name: api-certificate, mountPath: /etc/rollcall/api, readOnly: true }
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
