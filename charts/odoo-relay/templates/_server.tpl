{{- define "odoo-relay.serverService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "odoo-relay.componentName" . }}
  labels: {{- include "odoo-relay.labels" . | nindent 4 }}
spec:
  clusterIP: None
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
  annotations:
    # The users are the images' own; a broker that listens is all that can be asked of it from outside.
    kube-score/ignore: container-security-context-user-group-id,pod-probes-identical
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
      {{- with .server.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext: { runAsNonRoot: true, runAsUser: {{ .user }}, runAsGroup: {{ .user }}, fsGroup: {{ .user }}, seccompProfile: { type: RuntimeDefault } }
{{- end -}}

{{/* Its volumes: (dict "server" … "scratch" (list "tmp")), the latter gone with the pod. */}}
{{- define "odoo-relay.serverEnd" -}}
{{- $server := .server }}
      volumes:
        {{- range .scratch }}
        - { name: {{ . }}, emptyDir: { sizeLimit: 256Mi } }
        {{- end }}
        {{- if not $server.storage }}
        - { name: data, emptyDir: {} }
        {{- end }}
{{- if $server.storage }}
  persistentVolumeClaimRetentionPolicy: { whenDeleted: Retain, whenScaled: Retain }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $server.storageClassName }}
        storageClassName: {{ . }}
        {{- end }}
        resources: { requests: { storage: {{ $server.storage }} } }
{{- end }}
{{- end -}}
