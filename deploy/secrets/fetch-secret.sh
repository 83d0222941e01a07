#!/bin/sh
# Fetches one secret from a manager into a file in memory, for systemd to hand to Faxlock as a credential.
#   fetch-secret.sh vault|aws|gcp|azure NAME FOLDER
# NAME is faxlock.key, backup.key or api-key. The secret goes from the manager's program to the file: it is never an argument, a variable
# of the environment or a line of the journal.
set -eu
umask 077

[ $# -eq 3 ] || { echo "Usage: $0 vault|aws|gcp|azure NAME FOLDER" >&2; exit 64; }
manager=$1
name=$2
folder=$3
case $name in
faxlock.key | backup.key | api-key) ;;
*) echo "There is no secret '$name': use faxlock.key, backup.key or api-key." >&2; exit 64 ;;
esac
# Names there may have no point (Google, Azure).
remote=faxlock-$(echo "$name" | tr . -)
incoming="$folder/.$name"
trap 'rm -f "$incoming"' EXIT

case $manager in
# A token of Vault Agent, or VAULT_ADDR and a token file of this unit. `-field` prints the value alone.
vault) vault kv get -mount=secret -field=value "$remote" >"$incoming" ;;
# The role of the instance, not an access key.
aws) aws secretsmanager get-secret-value --secret-id "$remote" --query SecretString --output text >"$incoming" ;;
gcp) gcloud secrets versions access latest --secret="$remote" >"$incoming" ;;
# The managed identity of the machine: `az login --identity` before; AZURE_VAULT names the key vault, which is no secret.
azure) az keyvault secret show --vault-name "$AZURE_VAULT" --name "$remote" --query value --output tsv >"$incoming" ;;
*) echo "There is no manager '$manager': use vault, aws, gcp or azure." >&2; exit 64 ;;
esac

# An empty answer with status 0 would else be an empty setting, which is no setting.
[ -s "$incoming" ] || { echo "The manager gave nothing for $remote: does it exist, and may this host read it?" >&2; exit 66; }
mv "$incoming" "$folder/$name"
