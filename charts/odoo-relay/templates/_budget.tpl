{{- define "odoo-relay.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "odoo-relay.componentName" (dict "root" .root "component" .component) }}
  labels: {{- include "odoo-relay.labels" (dict "root" .root "component" .app "database" .database) | nindent 4 }}
spec:
  maxUnavailable: 1
  # A pod that is not ready anyway is never in the way of a drain.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "odoo-relay.selector" (dict "root" .root "component" .app "database" .database) | nindent 6 }}
{{- end -}}
