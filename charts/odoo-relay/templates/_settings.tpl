{{- define "odoo-relay.brokers" -}}
{{- $own := .Values.kafka.inChart.enabled -}}
{{- if $own -}}
{{ include "odoo-relay.kafkaHost" . }}:9092
{{- else -}}
{{ join "," (required "kafka.brokers: name your brokers, or set kafka.inChart.enabled for trying" .Values.kafka.brokers) }}
{{- end -}}
{{- end -}}

{{/* With its namespace: KEDA asks from another one, and is told by the broker to go there. */}}
{{- define "odoo-relay.kafkaHost" -}}
{{ include "odoo-relay.componentName" (dict "root" . "component" "kafka") }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{- define "odoo-relay.registryUrl" -}}
{{- if .Values.schemaRegistry.inChart.enabled -}}
http://{{ include "odoo-relay.componentName" (dict "root" . "component" "registry") }}:8080/apis/ccompat/v7
{{- else -}}
{{ required "schemaRegistry.url: name your registry, or set schemaRegistry.inChart.enabled for trying" .Values.schemaRegistry.url }}
{{- end -}}
{{- end -}}

{{- define "odoo-relay.publicUrl" -}}
{{- $control := .Values.control -}}
{{- if $control.publicUrl -}}
{{ $control.publicUrl }}
{{- else if and $control.ingress.enabled $control.ingress.hosts -}}
{{ ternary "https" "http" (gt (len $control.ingress.tls) 0) }}://{{ first $control.ingress.hosts }}
{{- else if and $control.httpRoute.enabled $control.httpRoute.hostnames -}}
https://{{ first $control.httpRoute.hostnames }}
{{- end -}}
{{- end -}}

{{/* A map of settings as environment; later maps win over earlier ones: (list $common $own) */}}
{{- define "odoo-relay.settings" -}}
{{- $all := dict -}}
{{- range . -}}
{{- $all = mergeOverwrite $all (deepCopy (. | default dict)) -}}
{{- end -}}
{{- range $name, $value := $all }}
- name: {{ $name }}
  {{- if kindIs "slice" $value }}
  value: {{ join "," $value | quote }}
  {{- else if kindIs "float64" $value }}
  value: {{ $value | int64 | toString | quote }}
  {{- else }}
  value: {{ $value | toString | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "odoo-relay.fromSecret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end -}}

{{/* What every app is told. */}}
{{- define "odoo-relay.commonEnv" -}}
- name: KAFKA_BROKERS
  value: {{ include "odoo-relay.brokers" . | quote }}
- name: SCHEMA_REGISTRY_URL
  value: {{ include "odoo-relay.registryUrl" . | quote }}
- name: KAFKA_TOPIC_PREFIX
  value: {{ .Values.kafka.topicPrefix | quote }}
- name: KAFKA_REPLICATION_FACTOR
  value: {{ .Values.kafka.replicationFactor | int | quote }}
{{ include "odoo-relay.kafkaTlsEnv" . }}
- name: HTTP_HOST
  value: {{ .Values.httpHost | quote }}
- name: HTTP_PORT
  value: "8080"
{{ include "odoo-relay.trustEnv" . }}
{{- end -}}

{{- define "odoo-relay.trustEnv" -}}
{{- if or .Values.trustedCertificates.configMap .Values.trustedCertificates.secret -}}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/odoo-relay/authorities/{{ .Values.trustedCertificates.key }}
{{- end -}}
{{- end -}}

{{- define "odoo-relay.modelsEnv" -}}
{{- with .Values.models -}}
- name: MODELS
  value: {{ join "," . | quote }}
{{- end -}}
{{- end -}}

{{/* ADMIN_KEY and SECRETS_KEY: (dict "root" $ "name" "ADMIN_KEY" "key" .Values.secrets.adminKeyKey) */}}
{{- define "odoo-relay.secretEnv" -}}
{{- $secrets := .root.Values.secrets -}}
{{- if $secrets.generate -}}
{{ include "odoo-relay.fromSecret" (dict "name" .name "secret" (include "odoo-relay.generatedSecret" .root) "key" .name) }}
{{- else -}}
{{ include "odoo-relay.fromSecret" (dict "name" .name "secret" (required "secrets.existingSecret: name a Secret with ADMIN_KEY and SECRETS_KEY, or set secrets.generate for trying" $secrets.existingSecret) "key" .key) }}
{{- end -}}
{{- end -}}

{{- define "odoo-relay.databaseUrlEnv" -}}
{{- if .Values.postgres.inChart.enabled -}}
{{ include "odoo-relay.fromSecret" (dict "name" "DATABASE_URL" "secret" (include "odoo-relay.generatedSecret" .) "key" "DATABASE_URL") }}
{{- else -}}
{{ include "odoo-relay.fromSecret" (dict "name" "DATABASE_URL" "secret" (required "postgres.existingSecret: name a Secret with the URL of control's database, or set postgres.inChart.enabled for trying" .Values.postgres.existingSecret) "key" .Values.postgres.existingSecretKey) }}
{{- end -}}
{{- end -}}

{{- define "odoo-relay.kafkaTlsEnv" -}}
{{- with .Values.kafka.tls -}}
{{- if .enabled -}}
- name: KAFKA_TLS
  value: "true"
{{- if .caSecret }}
- name: KAFKA_TLS_CA_FILE
  value: /etc/odoo-relay/kafka/ca.crt
{{- end }}
{{- if .clientSecret }}
- name: KAFKA_TLS_CERTIFICATE_FILE
  value: /etc/odoo-relay/kafka/tls.crt
- name: KAFKA_TLS_KEY_FILE
  value: /etc/odoo-relay/kafka/tls.key
{{- end }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Who an app is to the brokers: (dict "root" $ "app" "router") */}}
{{- define "odoo-relay.kafkaSaslEnv" -}}
{{- $sasl := .root.Values.kafka.sasl -}}
{{- if .root.Values.strimzi.users -}}
{{- $user := include "odoo-relay.componentName" (dict "root" .root "component" .app) -}}
- name: KAFKA_SASL_MECHANISM
  value: scram-sha-512
- name: KAFKA_SASL_USERNAME
  value: {{ $user }}
{{ include "odoo-relay.fromSecret" (dict "name" "KAFKA_SASL_PASSWORD" "secret" $user "key" "password") }}
{{- else if $sasl.mechanism -}}
{{- $secret := required "kafka.sasl.existingSecret: name a Secret with user and password" $sasl.existingSecret -}}
- name: KAFKA_SASL_MECHANISM
  value: {{ $sasl.mechanism }}
{{ include "odoo-relay.fromSecret" (dict "name" "KAFKA_SASL_USERNAME" "secret" $secret "key" $sasl.usernameKey) }}
{{ include "odoo-relay.fromSecret" (dict "name" "KAFKA_SASL_PASSWORD" "secret" $secret "key" $sasl.passwordKey) }}
{{- if eq $sasl.mechanism "oauthbearer" }}
- name: KAFKA_SASL_TOKEN_URL
  value: {{ required "kafka.sasl.tokenUrl: say where tokens are got" $sasl.tokenUrl | quote }}
- name: KAFKA_SASL_SCOPE
  value: {{ $sasl.scope | quote }}
{{- end }}
{{- end -}}
{{- end -}}
