# fish completion for hvsh: the program itself knows what may follow.

function __hvsh_candidates
    set -l words (commandline -opc) (commandline -ct | string unescape)
    test (count $words) -ge 1; or return
    $words[1] complete -- $words[2..-1] 2>/dev/null </dev/null | string match -rv '^$'
end

complete -c hvsh -f -n 'count (__hvsh_candidates)' -a '(__hvsh_candidates)'
complete -c hvsh -F -n 'not count (__hvsh_candidates) >/dev/null'
