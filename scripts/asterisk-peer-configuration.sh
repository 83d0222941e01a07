#!/bin/bash
# Writes the configuration of one Asterisk for asterisk-peer.sh: asterisk-peer-configuration.sh CHROOT NAME KEY=VALUE...
#
#   address=127.0.0.1     where everything is bound: SIP, media and the manager; must be loopback
#   sip=5060 tls=5061     ports of SIP on UDP and TCP, and on TLS with a certificate made for the address
#   ami=5038              port of the manager interface
#   manager_file=PATH     the password of its user "faxlock"; without it there is no manager
#   dialplan=PATH         a further file of extensions.conf; SPOOL_FOLDER in it becomes the folder "shared", with in/ and out/
#   media=10000           first of 2,000 UDP ports: RTP, then UDPTL
#   endpoints=PATH        who may call and be called, a line each:
#
#       NAME KEY=VALUE...
#       address=127.0.0.2  where it calls from (default: none)     port=5060 transport=udp|tcp|tls  where to call it
#       password_file=PATH it registers as user NAME and is challenged; port and transport are its own affair then
#       digest=md5|sha-256 (Asterisk 22)        number=+15551230150   whom its calls come from
#       t38=yes|no  repair=redundancy|fec|none  datagram=400  ecm=yes|no  codecs=alaw,ulaw  encryption=no|sdes
#       context=receive    where its calls go     wait=1   seconds between the answer and the fax
#       receive=f send=zf  options of ReceiveFAX and SendFAX
#       preamble=no|yes    whether a V.21 preamble is heard at once, as from a slow machine: who waits for one then asks for T.38
#       session=0          seconds of the session timer, at least 90 (RFC 4028); 0: none of our own
#
# Any number that begins with a digit or + receives a fax into received/NUMBER-ID.tif. `channel originate PJSIP/NUMBER@NAME extension
# NUMBER@send` sends documents/NUMBER.tif. Each fax ends as a line of `results`: direction, number, status, pages, rate, mode, error, file.
set -euo pipefail

root=$1 name=$2
shift 2
folder=$root/srv/$name inside=/srv/$name
address=127.0.0.1 sip=5060 tls=5061 ami=5038 media=10000 endpoints= manager_file= dialplan=
for pair in "$@"; do
    case $pair in
    address=* | sip=* | tls=* | ami=* | media=* | endpoints=* | manager_file=* | dialplan=*)
        declare "${pair%%=*}=${pair#*=}"
        ;;
    *) echo "unknown: ${pair%%=*}" >&2; exit 2 ;;
    esac
done
case $address in 127.*) ;; *) echo "$address is no loopback address" >&2; exit 2 ;; esac

umask 077
mkdir -p "$folder"/{etc,keys,agi,run,spool,db,log,tls,received,documents,shared/in,shared/out}
: >"$folder/results"
modules=
for place in "$root"/usr/lib/*/asterisk/modules "$root"/usr/lib/asterisk/modules; do
    if [ -d "$place" ]; then modules=${place#"$root/"}; fi
done
is_new=
[[ $(chroot "$root" /usr/sbin/asterisk -V) =~ ^Asterisk\ (2[2-9]|[3-9][0-9]) ]] && is_new=yes
etc() { cat >"$folder/etc/$1"; }

etc asterisk.conf <<C
[directories]
astetcdir => $inside/etc
astmoddir => /$modules
astvarlibdir => /var/lib/asterisk
astdatadir => /usr/share/asterisk
astdbdir => $inside/db
astkeydir => $inside
astagidir => $inside/agi
astspooldir => $inside/spool
astrundir => $inside/run
astlogdir => $inside/log
[options]
verbose = 3
systemname = $name
C

# Only what a fax takes; what one version lacks is left out.
wanted="res_sorcery_config res_sorcery_memory res_sorcery_astdb res_timing_timerfd res_crypto res_srtp pbx_config
    res_pjproject res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_rtp_asterisk res_pjsip_t38 res_pjsip_logger res_pjsip_caller_id
    res_pjsip_nat res_pjsip_acl res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_authenticator_digest
    res_pjsip_outbound_authenticator_digest res_pjsip_registrar res_pjsip_rfc3326 res_pjsip_pubsub res_pjsip_diversion
    res_pjsip_header_funcs chan_pjsip res_fax res_fax_spandsp codec_alaw codec_ulaw codec_a_mu format_sln res_clioriginate
    app_verbose app_userevent app_stack app_dial app_originate app_system app_playback bridge_simple bridge_builtin_features
    func_callerid func_channel func_logic func_strings func_env func_pjsip_endpoint"
{
    printf '[modules]\nautoload = no\n'
    for module in $wanted; do
        [ -e "$root/$modules/$module.so" ] || continue
        case $module in res_sorcery_*) printf 'preload = %s.so\n' "$module" ;; *) printf 'load = %s.so\n' "$module" ;; esac
    done
} | etc modules.conf

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=Asterisk peer $name" \
    -addext "subjectAltName=IP:$address,DNS:localhost" -addext "basicConstraints=critical,CA:TRUE" \
    -keyout "$folder/tls/key.pem" -out "$folder/tls/certificate.pem" 2>/dev/null

{
    cat <<C
[global]
type = global
user_agent = Asterisk
endpoint_identifier_order = username,ip
; Every message goes into the log.
debug = yes
[udp]
type = transport
protocol = udp
bind = $address:$sip
[tcp]
type = transport
protocol = tcp
bind = $address:$sip
[tls]
type = transport
protocol = tls
bind = $address:$tls
cert_file = $inside/tls/certificate.pem
priv_key_file = $inside/tls/key.pem
method = tlsv1_2
C
    while read -r endpoint options; do
        case $endpoint in '' | '#'*) continue ;; esac
        from='' port=5060 transport=udp password_file='' digest=md5 number=+15551230150 t38=yes repair=redundancy datagram=400 ecm=yes
        codecs=alaw,ulaw encryption=no context=receive wait=1 receive=f send=zf preamble=no session=0
        for pair in $options; do
            case $pair in
            address=*) from=${pair#*=} ;;
            port=* | transport=* | password_file=* | digest=* | number=* | t38=* | repair=* | datagram=* | ecm=* | codecs=* | \
                encryption=* | context=* | wait=* | receive=* | send=* | preamble=* | session=*) declare "${pair%%=*}=${pair#*=}" ;;
            *) echo "endpoint $endpoint: unknown: ${pair%%=*}" >&2; exit 2 ;;
            esac
        done
        cat <<C
[$endpoint]
type = endpoint
context = $context
aors = $endpoint
disallow = all
allow = $codecs
direct_media = no
from_user = $number
media_address = $address
bind_rtp_to_media_address = yes
media_encryption = $encryption
t38_udptl = $t38
t38_udptl_ec = $repair
t38_udptl_maxdatagram = $datagram
t38_bind_udptl_to_media_address = yes
fax_detect = no
set_var = PEER_ECM=$ecm
set_var = PEER_WAIT=$wait
set_var = PEER_PREAMBLE=$preamble
set_var = PEER_RECEIVE=$receive
set_var = PEER_SEND=$send
C
        [ "$session" = 0 ] || printf 'timers = always\ntimers_min_se = 90\ntimers_sess_expires = %s\n' "$session"
        if [ -n "$password_file" ]; then
            printf 'auth = %s\nrewrite_contact = yes\n[%s]\ntype = aor\nmax_contacts = 1\nremove_existing = yes\n' "$endpoint" "$endpoint"
            printf '[%s]\ntype = auth\nusername = %s\npassword = %s\n' "$endpoint" "$endpoint" "$(cat "$password_file")"
            if [ -z "$is_new" ]; then
                printf 'auth_type = userpass\n'
            else
                printf 'auth_type = digest\nsupported_algorithms_uas = %s\n' "$(tr '[:lower:]' '[:upper:]' <<<"$digest")"
            fi
        else
            printf 'transport = %s\n[%s]\ntype = aor\n' "$transport" "$endpoint"
            [ -z "$from" ] || printf 'contact = sip:%s:%s\\;transport=%s\n' "$from" "$port" "$transport"
            [ -z "$from" ] || printf '[%s]\ntype = identify\nendpoint = %s\nmatch = %s\n' "$endpoint" "$endpoint" "$from"
        fi
    done < <(cat "${endpoints:-/dev/null}")
} | etc pjsip.conf

etc rtp.conf <<C
[general]
rtpstart = $media
rtpend = $((media + 999))
strictrtp = no
C
etc udptl.conf <<C
[general]
udptlstart = $((media + 1000))
udptlend = $((media + 1999))
udptlfecentries = 3
udptlfecspan = 3
use_even_ports = no
C
etc res_fax.conf <<C
[general]
maxrate = 14400
minrate = 2400
statusevents = yes
modems = v17,v27,v29
ecm = yes
C
etc logger.conf <<C
[general]
dateformat = %F %T.%3q
[logfiles]
full => notice,warning,error,verbose,fax
C
# T.30 5.3.1: flags for a second in V.21 channel 2, that is six ones (1650 Hz) and two zeros (1850 Hz) at 300 bit/s.
perl -e 'for my $n (0 .. 9599) { $phase += 6.283185307 * ((int($n * 300 / 8000) % 8) % 7 ? 1650 : 1850) / 8000;
    print pack("s<", 6000 * sin($phase)) }' >"$folder/preamble.sln"
{
    printf '[general]\nenabled = %s\nwebenabled = no\nbindaddr = %s\nport = %s\n' \
        "$([ -n "$manager_file" ] && echo yes || echo no)" "$address" "$ami"
    if [ -n "$manager_file" ]; then
        printf '[faxlock]\nsecret = %s\ndeny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.0/255.0.0.0\n' "$(cat "$manager_file")"
        printf 'read = all\nwrite = all\n'
    fi
} | etc manager.conf
: | etc acl.conf
for file in cdr cel features pjproject ccss indications stasis stasis_broadcast; do printf '[general]\n' | etc "$file.conf"; done

result='${DIRECTION} ${NUMBER} ${FAXSTATUS} ${FAXPAGES} ${FAXBITRATE} ${FAXMODE} error="${FAXERROR}" ${DOCUMENT}'
etc extensions.conf <<C
[general]
static = yes
writeprotect = yes
[receive]
exten => _X.,1,Goto(+\${EXTEN},1)
exten => _+X.,1,Set(DIRECTION=received)
 same => n,Set(NUMBER=\${EXTEN})
 same => n,Set(DOCUMENT=\${EXTEN}-\${UNIQUEID}.tif)
 same => n,Answer()
 same => n,GotoIf(\$["\${PEER_PREAMBLE}" != "yes"]?wait)
 same => n,Playback($inside/preamble)
 same => n(wait),Wait(\${PEER_WAIT})
 same => n,Set(FAXOPT(ecm)=\${PEER_ECM})
 same => n,Set(FAXOPT(localstationid)=\${EXTEN})
 same => n,ReceiveFAX($inside/received/\${DOCUMENT},\${PEER_RECEIVE})
 same => n,Hangup()
exten => h,1,Set(FILE($inside/results,,,al,u)=$result)
[send]
exten => _X.,1,Goto(+\${EXTEN},1)
exten => _+X.,1,Set(DIRECTION=sent)
 same => n,Set(NUMBER=\${EXTEN})
 same => n,Set(DOCUMENT=\${EXTEN}.tif)
 same => n,Set(FAXOPT(ecm)=\${PEER_ECM})
 same => n,Set(FAXOPT(localstationid)=+15551230150)
 same => n,Set(FAXOPT(headerinfo)=)
 same => n,SendFAX($inside/documents/\${DOCUMENT},\${PEER_SEND})
 same => n,Hangup()
exten => h,1,Set(FILE($inside/results,,,al,u)=$result)
C
[ -z "$dialplan" ] || sed "s#^SPOOL_FOLDER *=.*#SPOOL_FOLDER=$inside/shared#" "$dialplan" >>"$folder/etc/extensions.conf"
