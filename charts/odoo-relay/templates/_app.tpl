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
      affinity:
        {{- with (dig "affinity" $values.affinity $over) }}
        {{- toYaml . | nindent 8 }}
        {{- else }}
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 50
              podAffinityTerm:
                topologyKey: topology.kubernetes.io/zone
                labelSelector:
                  matchLabels: {{- include "odoo-relay.selector" $names | nindent 20 }}
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
          env:
            {{- .env | nindent 12 }}
            {{- include "odoo-relay.kafkaSaslEnv" (dict "root" $root "app" .app) | nindent 12 }}
          ports:
            - { name: http, containerPort: 8080, protocol: TCP }
            {{- if eq .app "control" }}
            - { name: metrics, containerPort: 9090, protocol: TCP }
            {{- end }}
          {{- include "odoo-relay.probes" $root.Values.probes | nindent 10 }}
          {{- if .preStop }}
          lifecycle:
            preStop:
              sleep: { seconds: {{ $root.Values.preStopSleepSeconds }} }
          {{- end }}
          resources: {{- toYaml (dig "resources" $values.resources $over) | nindent 12 }}
          {{- include "odoo-relay.mounts" (dict "root" $root "kafka" true) | nindent 10 }}
      {{- include "odoo-relay.volumes" (dict "root" $root "kafka" true) | nindent 6 }}
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

{{/* Files from ConfigMaps and Secrets; Kafka's for the apps alone: (dict "root" $ "kafka" true) */}}
{{- define "odoo-relay.mounts" -}}
{{- with include "odoo-relay.files" . | fromYamlArray -}}
volumeMounts:
  {{- range . }}
  - { name: {{ .name }}, mountPath: /etc/odoo-relay/{{ .name }}, readOnly: true }
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "odoo-relay.volumes" -}}
{{- with include "odoo-relay.files" . | fromYamlArray -}}
volumes: {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* As volumes. Of a Secret only what is asked for: it may hold keys beside it. */}}
{{- define "odoo-relay.files" -}}
{{- $trusted := .root.Values.trustedCertificates -}}
{{- $tls := .root.Values.kafka.tls -}}
{{- if $trusted.configMap }}
- name: authorities
  configMap: { name: {{ $trusted.configMap }} }
{{- else if $trusted.secret }}
- name: authorities
  secret: { secretName: {{ $trusted.secret }}, items: [{ key: {{ $trusted.key }}, path: {{ $trusted.key }} }] }
{{- end }}
{{- if and .kafka $tls.enabled (or $tls.caSecret $tls.clientSecret) }}
- name: kafka
  projected:
    defaultMode: 0440
    sources:
      {{- with $tls.caSecret }}
      - secret: { name: {{ . }}, items: [{ key: {{ $tls.caKey }}, path: ca.crt }] }
      {{- end }}
      {{- with $tls.clientSecret }}
      - secret: { name: {{ . }}, items: [{ key: {{ $tls.clientCertificateKey }}, path: tls.crt }, { key: {{ $tls.clientKeyKey }}, path: tls.key }] }
      {{- end }}
{{- end }}
{{- end -}}
