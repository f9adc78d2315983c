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
{{- include "winnow.withoutSecrets" (dict "path" "config" "section" $config) }}
{{- $_ := set $config "http" (merge (dict "host" "0.0.0.0" "port" 9108) ($config.http | default dict)) }}
{{- $member := dig "kafka" "consumer" "group_instance_id" "" $config }}
{{- if and $member (not (contains "${POD_NAME}" $member)) }}
{{- fail (printf "config.kafka.consumer.group_instance_id is %q, one name for all pods, and each would put the one before it out of the group: write ${POD_NAME} into it" $member) }}
{{- else if and (eq .Values.kind "StatefulSet") (not $member) }}
{{- $_ := set $config "kafka" (mergeOverwrite $config.kafka (dict "consumer" (dict "group_instance_id" "${POD_NAME}"))) }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* Fails where a section holds a secret itself: the configuration is a ConfigMap.  No message shows it. */}}
{{- define "winnow.withoutSecrets" -}}
{{- range $key, $value := .section }}
{{- $path := printf "%s.%s" $.path $key }}
{{- if kindIs "map" $value }}
{{- include "winnow.withoutSecrets" (dict "path" $path "section" $value) }}
{{- else if and $value (regexMatch "(password|secret)$" $key) (not (regexMatch "^(\\$\\{[^}]+\\})+$" (toString $value))) }}
{{- fail (printf "%s would lie in a ConfigMap: name it as ${ENV} (secretEnv) or ${file:/path} (secretMounts)" $path) }}
{{- else if and (has $key (list "bootstrap_servers" "nodes" "token_endpoint")) (contains "@" (toString $value)) }}
{{- fail (printf "%s holds an @: a login has keys of its own" $path) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A value that others than the worker read: {key, value}. */}}
{{- define "winnow.literal" -}}
{{- $value := .value | default "" }}
{{- if contains "${" $value }}
{{- fail (printf "config.%s is %q, which only the worker resolves: KEDA and Strimzi need the value itself" .key $value) }}
{{- end }}
{{- $value }}
{{- end }}

{{/* Addresses as a list, which may be one string with commas. */}}
{{- define "winnow.addresses" -}}
{{- $list := kindIs "slice" . | ternary . (splitList "," (toString .)) }}
{{- $trimmed := list }}
{{- range $list }}{{ $trimmed = append $trimmed (trim .) }}{{ end }}
{{- toJson $trimmed }}
{{- end }}

{{/* The ports that the configuration connects to. */}}
{{- define "winnow.ports" -}}
{{- $addresses := include "winnow.addresses" .Values.config.kafka.bootstrap_servers | fromJsonArray }}
{{- if eq (dig "dedup" "store" "sqlite" .Values.config) "redis" }}
{{- $addresses = concat $addresses (include "winnow.addresses" (dig "dedup" "redis" "nodes" "localhost:6379" .Values.config) | fromJsonArray) }}
{{- if eq (dig "dedup" "redis" "mode" "standalone" .Values.config) "sentinel" }}
{{- $addresses = append $addresses "primary:6379" }}
{{- end }}
{{- end }}
{{- with dig "kafka" "sasl_oauth" "token_endpoint" "" .Values.config }}
{{- $host := (urlParse .).host }}
{{- $addresses = append $addresses (contains ":" $host | ternary $host (printf "%s:%s" $host (hasPrefix "http:" . | ternary "80" "443"))) }}
{{- end }}
{{- $ports := list }}
{{- range $addresses }}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" .) }}
{{- if not $port }}
{{- fail (printf "the port of %s can't be read here: write it out, or set networkPolicy.egress" .) }}
{{- end }}
{{- $ports = append $ports (int $port) }}
{{- end }}
{{- $ports | uniq | toJson }}
{{- end }}

{{- define "winnow.groupId" -}}
{{- include "winnow.literal" (dict "key" "kafka.consumer.group_id" "value" (dig "kafka" "consumer" "group_id" "winnow" .Values.config)) }}
{{- end }}

{{/* What the worker's transactional ids begin with. */}}
{{- define "winnow.transactionalIds" -}}
{{- include "winnow.literal" (dict "key" "kafka.transactions.id_prefix" "value" (dig "kafka" "transactions" "id_prefix" "winnow" .Values.config)) }}.{{ include "winnow.groupId" . }}.
{{- end }}

{{- define "winnow.inputTopics" -}}
{{- $topics := dig "input" "topics" (list "pages.raw") .Values.config }}
{{- range $topics }}{{ $_ := include "winnow.literal" (dict "key" "input.topics" "value" .) }}{{ end }}
{{- toJson $topics }}
{{- end }}

{{/* A number with its unit, in the unit that counts 1, rounded up: {key, value, units}. */}}
{{- define "winnow.quantity" -}}
{{- $given := kindIs "float64" .value | ternary (int64 .value) .value | toString | trim }}
{{- $number := regexFind "^[0-9]+([.][0-9]+)?" $given }}
{{- $unit := trimPrefix $number $given | trim }}
{{- if not (and $number (hasKey .units $unit)) }}
{{- fail (printf "%s is %q; the chart reckons with it: write a number with a unit out of %s" .key $given (keys .units | sortAlpha | compact | join ", ")) }}
{{- end }}
{{- mulf $number (get .units $unit) | ceil | int64 }}
{{- end }}

{{/* Bytes of one of the configuration's sizes: {key, value}. */}}
{{- define "winnow.bytes" -}}
{{- $units := dict "B" 1 "KiB" 1024 "MiB" 1048576 "GiB" 1073741824 "kB" 1000 "MB" 1000000 "GB" 1000000000 }}
{{- include "winnow.quantity" (merge (dict "units" $units) .) }}
{{- end }}

{{/* Seconds: shutdown.drain_timeout and the margin. */}}
{{- define "winnow.gracePeriod" -}}
{{- $units := dict "ms" 0.001 "s" 1 "m" 60 "h" 3600 "d" 86400 }}
{{- $drain := include "winnow.quantity" (dict "key" "config.shutdown.drain_timeout" "value" (dig "shutdown" "drain_timeout" "25s" .Values.config) "units" $units) }}
{{- add $drain .Values.gracePeriodMarginSeconds }}
{{- end }}

{{/* Bytes that a pod may come to: the parent, and each of its processes. */}}
{{- define "winnow.memory" -}}
{{- $processes := dig "pool" "processes" 0 .Values.config | int }}
{{- if lt $processes 1 }}
{{- fail "config.pool.processes must be a number above 0 where resources.limits.memory is set: 0 is one for each of the node's processors" }}
{{- end }}
{{- $inflight := include "winnow.bytes" (dict "key" "config.limits.inflight_bytes" "value" (dig "limits" "inflight_bytes" "256MiB" .Values.config)) }}
{{- $process := include "winnow.bytes" (dict "key" "config.pool.max_rss" "value" (dig "pool" "max_rss" "1GiB" .Values.config)) }}
{{- add (mul 150 1048576) (mul 2 $inflight) (mul $processes $process) }}
{{- end }}
