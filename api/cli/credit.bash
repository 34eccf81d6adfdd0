# bash completion for credit(1)
_credit() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local common='--store --keys --passphrase-file --json --help --version'
    local verb='' second='' skip='' word i
    COMPREPLY=()

    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $skip ]]; then
            skip=''
        elif [[ $word == --store || $word == --keys || $word == --passphrase-file ]]; then
            skip=1
        elif [[ $word != -* && -z $verb ]]; then
            verb=$word
        elif [[ $word != -* && -z $second ]]; then
            second=$word
        fi
    done

    case $prev in
    --suite) mapfile -t COMPREPLY < <(compgen -W 'sm2 p256' -- "$cur"); return ;;
    --scope) mapfile -t COMPREPLY < <(compgen -W 'public government authorized' -- "$cur"); return ;;
    --store | --keys | --pack) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
    --passphrase-file | --rejects | --batch | --output | -o | --trust | --receipt | --csv | --html | --input | --key | --certificate)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --as | --as-of | --known-at | --dated | --from | --changes-since | --since | --for | --purpose | --reason | --catalog | --decision)
        return ;;
    esac

    local options='' words=''
    case $verb in
    '') words='init import show check list tier evaluate extract verify id date catalog batch parked feed rules stats fsck key help' ;;
    init) options='--pack --suite' ;;
    import) options='--catalog --dated --rejects --dry-run --trust --receipt' ;;
    show) options='--as-of --known-at' ;;
    tier) options='--explain --as-of --known-at' ;;
    check) options='--for --batch --explain --as-of --known-at' ;;
    list) options='--changes-since --as-of --known-at' words='red black watch' ;;
    evaluate) options='--as-of' ;;
    extract) options='--output --scope --purpose --for --as-of --known-at' ;;
    verify) options='--trust' ;;
    id) options='--pack' ;;
    date) options='--pack'; [[ -n $second ]] || words='add' ;;
    catalog)
        options='--pack'
        [[ $second != check ]] || options='--catalog --pack'
        [[ -n $second ]] || words='list show page check'
        ;;
    batch) [[ -n $second ]] || words='list show undo' ;;
    parked)
        [[ $second != settle ]] || options='--as --drop --retry'
        [[ -n $second ]] || words='list settle'
        ;;
    feed)
        [[ $second != changes ]] || options='--since --follow'
        [[ $second != receipt ]] || options='--trust'
        [[ -n $second ]] || words='changes pack receipt status resend'
        ;;
    rules)
        case $second in
        '') words='lint show page try activate eval' ;;
        try) options='--csv --html --as-of --known-at' ;;
        show) options='--as-of --known-at' ;;
        activate) options='--from --force' ;;
        page) options='--output' ;;
        eval) options='--decision --input' ;;
        esac
        ;;
    key)
        case $second in
        '') words='list new rotate import revoke export' ;;
        import) options='--key --certificate' ;;
        revoke) options='--reason --since' ;;
        esac
        ;;
    esac

    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options $common" -- "$cur")
    elif [[ -n $words ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -F _credit credit
