
function __clio_stage
    clio --complete stages 2>/dev/null
end

function __clio_graph
    __fish_complete_suffix .yaml
end

function __clio_plugin
    __fish_complete_suffix .so
end

function __clio_out
    set -l runs
    for dir in (__fish_complete_directories (commandline -ct) '')
        test -e $dir/manifest.json; and set -a runs $dir
    end
    set -q runs[1]; or set runs (__fish_complete_directories (commandline -ct) '')
    printf '%s\n' $runs
end
