{{- define "odoo-relay.dnsRule" -}}
- to: {{- toYaml .Values.networkPolicy.dnsTo | nindent 4 }}
  ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
{{- end -}}

{{/* Pods of this release: (dict "root" $ "component" "kafka") */}}
{{- define "odoo-relay.peer" -}}
- podSelector:
    matchLabels: {{- include "odoo-relay.selector" . | nindent 6 }}
{{- end -}}

{{- define "odoo-relay.kafkaRule" -}}
{{- if .Values.kafka.inChart.enabled -}}
- to: {{- include "odoo-relay.peer" (dict "root" . "component" "kafka") | nindent 4 }}
  ports: [{ protocol: TCP, port: 9092 }]
{{- else -}}
{{- $ports := list -}}
{{- range .Values.kafka.brokers -}}{{- $ports = append $ports (regexFind "[0-9]+$" . | int) -}}{{- end -}}
{{- range .Values.networkPolicy.kafkaExtraPorts -}}{{- $ports = append $ports (int .) -}}{{- end -}}
- ports:
    {{- range uniq $ports }}
    - { protocol: TCP, port: {{ . }} }
    {{- end }}
  {{- with .Values.networkPolicy.kafkaTo }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "odoo-relay.registryRule" -}}
{{- if .Values.schemaRegistry.inChart.enabled -}}
- to: {{- include "odoo-relay.peer" (dict "root" . "component" "registry") | nindent 4 }}
  ports: [{ protocol: TCP, port: 8080 }]
{{- else -}}
{{ include "odoo-relay.urlRule" (dict "url" .Values.schemaRegistry.url "to" .Values.networkPolicy.registryTo "value" "registryTo") }}
{{- end -}}
{{- end -}}

{{- define "odoo-relay.kafkaTokenRule" -}}
{{- if eq .Values.kafka.sasl.mechanism "oauthbearer" -}}
{{ include "odoo-relay.urlRule" (dict "url" .Values.kafka.sasl.tokenUrl "to" .Values.networkPolicy.kafkaTokenTo "value" "kafkaTokenTo") }}
{{- end -}}
{{- end -}}

{{/* To where a URL leads. Everybody's port 443 would be the API server's too. */}}
{{- define "odoo-relay.urlRule" -}}
{{- $url := urlParse .url -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- if and (has $port (list "443" "6443")) (not .to) -}}
{{- fail (printf "networkPolicy.%s: say where %s is; port %s open to everywhere would let the apps reach the API server" .value .url $port) -}}
{{- end -}}
- ports: [{ protocol: TCP, port: {{ $port }} }]
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "odoo-relay.postgresRule" -}}
{{- if .Values.postgres.inChart.enabled -}}
- to: {{- include "odoo-relay.peer" (dict "root" . "component" "postgres") | nindent 4 }}
  ports: [{ protocol: TCP, port: 5432 }]
{{- else -}}
- ports: [{ protocol: TCP, port: {{ .Values.postgres.port }} }]
  {{- with .Values.networkPolicy.postgresTo }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* The world without the cluster and what is told to machines alone. */}}
{{- define "odoo-relay.receiversRule" -}}
{{- $receivers := .Values.networkPolicy.receivers -}}
{{- $v4 := $receivers.except -}}
{{- $v6 := $receivers.exceptV6 -}}
{{- range $receivers.extraExcept -}}
{{- if contains ":" . -}}{{- $v6 = append $v6 . -}}{{- else -}}{{- $v4 = append $v4 . -}}{{- end -}}
{{- end -}}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: {{- toYaml $v4 | nindent 10 }}
    - ipBlock:
        cidr: ::/0
        except: {{- toYaml $v6 | nindent 10 }}
  ports:
    {{- range $receivers.ports }}
    - { protocol: TCP, port: {{ . }} }
    {{- else }}
    - { protocol: TCP, port: 1, endPort: 65535 }
    {{- end }}
{{- end -}}

{{/* Prometheus; of control not where its API is. */}}
{{- define "odoo-relay.metricsRule" -}}
{{- $port := ternary "metrics" "http" (eq .app "control") -}}
{{- with .root.Values.networkPolicy.metricsFrom -}}
- from: {{- toYaml . | nindent 4 }}
  ports: [{ protocol: TCP, port: {{ $port }} }]
{{- end -}}
{{- end -}}
