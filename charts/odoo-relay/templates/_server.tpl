{{- define "odoo-relay.serverService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "odoo-relay.componentName" . }}
  labels: {{- include "odoo-relay.labels" . | nindent 4 }}
spec:
  # Also while it is not ready: Kafka asks for itself by this name when it starts.
  publishNotReadyAddresses: true
  ports: [{ name: server, port: {{ .port }}, targetPort: {{ .port }}, protocol: TCP }]
  selector: {{- include "odoo-relay.selector" . | nindent 4 }}
{{- end -}}

{{/* The beginning of a StatefulSet, up to its containers. */}}
{{- define "odoo-relay.serverStart" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "odoo-relay.componentName" . }}
  labels: {{- include "odoo-relay.labels" . | nindent 4 }}
spec:
  replicas: 1
  serviceName: {{ include "odoo-relay.componentName" . }}
  selector:
    matchLabels: {{- include "odoo-relay.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "odoo-relay.labels" . | nindent 8 }}
    spec:
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      securityContext: { runAsNonRoot: true, runAsUser: {{ .user }}, runAsGroup: {{ .user }}, fsGroup: {{ .user }}, seccompProfile: { type: RuntimeDefault } }
{{- end -}}

{{/* Its volumes. */}}
{{- define "odoo-relay.serverEnd" -}}
{{- if .storage }}
  persistentVolumeClaimRetentionPolicy: { whenDeleted: Retain, whenScaled: Retain }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .storageClassName }}
        storageClassName: {{ . }}
        {{- end }}
        resources: { requests: { storage: {{ .storage }} } }
{{- else }}
      volumes: [{ name: data, emptyDir: {} }]
{{- end }}
{{- end -}}
