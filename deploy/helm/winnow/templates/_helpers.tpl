{{- define "winnow.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "winnow.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "winnow.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "winnow.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "winnow.selectorLabels" -}}
app.kubernetes.io/name: {{ include "winnow.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "winnow.labels" -}}
{{ include "winnow.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "winnow.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "winnow.fullname" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "winnow.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The configuration file: what is given, and what the chart decides. */}}
{{- define "winnow.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $_ := set $config "http" (merge (dict "host" "0.0.0.0" "port" 9108) ($config.http | default dict)) }}
{{- if eq .Values.kind "StatefulSet" }}
{{- $kafka := $config.kafka | default dict }}
{{- $consumer := $kafka.consumer | default dict }}
{{- $_ := set $kafka "consumer" (merge (dict "group_instance_id" "${POD_NAME}") $consumer) }}
{{- $_ := set $config "kafka" $kafka }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{- define "winnow.groupId" -}}
{{- dig "kafka" "consumer" "group_id" "winnow" .Values.config }}
{{- end }}

{{/* What the worker's transactional ids begin with. */}}
{{- define "winnow.transactionalIds" -}}
{{- dig "kafka" "transactions" "id_prefix" "winnow" .Values.config }}.{{ include "winnow.groupId" . }}.
{{- end }}

{{- define "winnow.inputTopics" -}}
{{- dig "input" "topics" (list "pages.raw") .Values.config | toJson }}
{{- end }}

{{/* Seconds: shutdown.drain_timeout and the margin. */}}
{{- define "winnow.gracePeriod" -}}
{{- $given := dig "shutdown" "drain_timeout" "25s" .Values.config | toString }}
{{- if not (regexMatch "^[0-9]+(s|m|h)?$" $given) }}
{{- fail (printf "config.shutdown.drain_timeout is %q; write whole seconds, minutes or hours, such as 25s, for the grace period to be derived from it" $given) }}
{{- end }}
{{- $unit := dict "s" 1 "m" 60 "h" 3600 }}
{{- $factor := get $unit (regexFind "[smh]$" $given | default "s") }}
{{- add (mul (regexFind "^[0-9]+" $given | int) $factor) .Values.gracePeriodMarginSeconds }}
{{- end }}
