{{/*
A Deployment of one app:
(dict "root" $ "app" "router" "component" "router" "values" .Values.router "env" "…" "fixedReplicas" true)
Its values may be overruled by those of one database: "over".
*/}}
{{- define "odoo-relay.deployment" -}}
{{- $root := .root -}}
{{- $over := .over | default dict -}}
{{- $values := .values -}}
{{- $names := dict "root" $root "component" .app "database" .database -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "odoo-relay.componentName" (dict "root" $root "component" .component) }}
  labels: {{- include "odoo-relay.labels" $names | nindent 4 }}
spec:
  {{- if not .scaled }}
  replicas: {{ dig "replicas" $values.replicas $over }}
  {{- end }}
  revisionHistoryLimit: 5
  # A new one is ready before an old one goes.
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels: {{- include "odoo-relay.selector" $names | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "odoo-relay.labels" $names | nindent 8 }}
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "odoo-relay.podDefaults" $root | nindent 6 }}
      serviceAccountName: {{ include "odoo-relay.serviceAccountName" $root }}
      terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
      {{- with $values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with (dig "nodeSelector" $values.nodeSelector $over) }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with (dig "tolerations" $values.tolerations $over) }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with (dig "affinity" $values.affinity $over) }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.topologySpreadConstraints }}
      topologySpreadConstraints:
        {{- range . }}
        - {{- toYaml . | nindent 10 }}
          labelSelector:
            matchLabels: {{- include "odoo-relay.selector" $names | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      {{- end }}
      containers:
        - name: {{ .app }}
          {{- include "odoo-relay.containerDefaults" $root | nindent 10 }}
          args: [{{ .app }}]
          env: {{- .env | nindent 12 }}
          ports:
            - { name: http, containerPort: 8080, protocol: TCP }
          {{- include "odoo-relay.probes" $root.Values.probes | nindent 10 }}
          {{- if .preStop }}
          lifecycle:
            preStop:
              sleep: { seconds: {{ $root.Values.preStopSleepSeconds }} }
          {{- end }}
          resources: {{- toYaml (dig "resources" $values.resources $over) | nindent 12 }}
          {{- include "odoo-relay.trustMount" $root | nindent 10 }}
      {{- include "odoo-relay.trustVolume" $root | nindent 6 }}
{{- end -}}

{{- define "odoo-relay.podDefaults" -}}
{{- with .Values.imagePullSecrets -}}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{ end -}}
# The apps ask nothing of Kubernetes, and need no list of the services around them.
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{- define "odoo-relay.containerDefaults" -}}
image: {{ include "odoo-relay.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
{{- end -}}

{{- define "odoo-relay.probes" -}}
startupProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 2
  timeoutSeconds: {{ .livenessTimeoutSeconds }}
  failureThreshold: {{ .startupFailureThreshold }}
livenessProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: {{ .livenessPeriodSeconds }}
  timeoutSeconds: {{ .livenessTimeoutSeconds }}
  failureThreshold: {{ .livenessFailureThreshold }}
readinessProbe:
  httpGet: { path: /health/ready, port: http }
  periodSeconds: {{ .readinessPeriodSeconds }}
  timeoutSeconds: {{ .readinessTimeoutSeconds }}
  failureThreshold: {{ .readinessFailureThreshold }}
{{- end -}}

{{- define "odoo-relay.trustMount" -}}
{{- if or .Values.trustedCertificates.configMap .Values.trustedCertificates.secret -}}
volumeMounts:
  - { name: authorities, mountPath: /etc/odoo-relay/authorities, readOnly: true }
{{- end -}}
{{- end -}}

{{- define "odoo-relay.trustVolume" -}}
{{- with .Values.trustedCertificates -}}
{{- if .configMap -}}
volumes:
  - name: authorities
    configMap: { name: {{ .configMap }} }
{{- else if .secret -}}
volumes:
  - name: authorities
    secret:
      secretName: {{ .secret }}
      # Of a Secret only the authorities: it may hold keys beside them.
      items: [{ key: {{ .key }}, path: {{ .key }} }]
{{- end -}}
{{- end -}}
{{- end -}}
