#!/bin/sh
# Lets whoever comes by ssh attach to terminals of Task Sessions that are there, and do nothing else; for web terminals.
# In ~/.ssh/authorized_keys, before the key of the web terminal:  restrict,pty,command="sh /path/to/attach-only.sh"
# The name of the terminal is the command that ssh was given; it is compared, never run.
name=${SSH_ORIGINAL_COMMAND-}
case $name in
  '' | [!A-Za-z0-9]* | *[!A-Za-z0-9_-]*)
    echo 'This is not the name of a terminal.' >&2
    exit 2
    ;;
esac
exec tmux -u -L task-sessions attach -t "=$name:"
