/**
 * Perl that looks into transcripts where they lie, in `projects`. Its stdin lists them, a row each: time, size, path. Its
 * arguments are the nonce of the headings and about how many bytes to answer. Row n is answered by a section `look n`
 * whose first line is one of
 *
 *     unread                   it cannot be opened
 *     whole SIDE RENAMED       a small file follows as it is
 *     ends SIDE RENAMED        lines of its head follow, an empty line, and lines of its tail
 *
 * with SIDE the number of its sub-agents' transcripts and RENAMED the content of the `custom-title.json` beside it. A last
 * section, `gone`, names the directories in these lines that do not exist.
 *
 * The head has what stands before the conversation, its first line, and the lines up to the first prompt. The tail has the
 * last line of each kind that names the session, the last line of the conversation, the last answer on its branch, and
 * what joins the two, and the mode. How far back that is, is found out here and not by asking again: 4 KB, and four times as much
 * until 1 MB. Of 10,000 transcripts of 3 GB this reads 220 MB and answers 16 MB, in half a second of CPU time.
 */
export const transcriptLook = String.raw`
  binmode STDOUT;
  # glibc gives memory back after each large line, and takes it again for the next. Freeing one large block teaches it to
  # keep some: half of the time.
  { my $once = " " x 4_000_000; undef $once }
  my ($nonce, $budget) = @ARGV;
  my ($text, $told, $spent, %place) = ("", "", 0);
  my $word = qr/"[^"\\]*+(?:\\.[^"\\]*+)*+"/s;
  my $nested = qr/([{\[][^{}\[\]"]*+(?:(?:$word|(?1))[^{}\[\]"]*+)*+[}\]])/;
  my $talk = qr/"type":"(?:user|assistant|system|attachment)"/;
  my %talks = map { $_ => 1 } qw(user assistant system attachment);
  my %naming = map { $_ => 1 } qw(custom-title ai-title last-prompt permission-mode summary relocated);
  my %timed = map { $_ => 1 } qw(queue-operation file-history-snapshot);
  my $names = join "|", keys %naming;
  my $open = "{\"type\":\"";

  # Of the line at a place in the text, where it begins with a type other than those of a conversation. Such lines are
  # many, and some are large: most are not even copied.
  sub aside {
    my $from = $_[0] + length $open;
    return "" if substr($text, $_[0], length $open) ne $open;
    my $type = substr $text, $from, index($text, "\"", $from) - $from;
    return $talks{$type} ? "" : $type;
  }
  # Many at once: a print for each costs more.
  sub put {
    $told .= join "", @_;
    flush() if length $told > 60000;
  }
  sub flush {
    print $told;
    $spent += length $told;
    $told = "";
  }
  # The line without what is nested in it, which becomes 0: still JSON, and short.
  sub bare {
    my $line = shift;
    # Of a large attachment, which may end a first turn, what stands around its bulk, without a look into that: plain fields
    # just before the end of a line are the line's own.
    if (length $line > 8192) {
      my ($parent) = $line =~ /^\{("parentUuid":"[^"\\]+")/;
      my ($time) = $line =~ /"type":"attachment","uuid":"[^"\\]+",("timestamp":"[^"\\]+")/;
      my ($end) = substr($line, -2000) =~ /((?:,"\w+":(?:"[^"\\]*"|true|false|null|[\d.]+))+\})\s*$/;
      return "{$parent,\"type\":\"attachment\",$time$end" if $parent && $time && $end;
    }
    substr($line, 1) =~ s/($word)|$nested/defined $1 ? $1 : 0/ge if length $line > 1000;
    return $line;
  }
  # The line with its long texts cut; no path is as long.
  sub trim {
    my $line = shift;
    $line =~ s/("(?:[^"\\]|\\u....|\\.){4097})[^"\\]*+(?:\\.[^"\\]*+)*+"/$1"/g if length $line > 4096;
    return $line;
  }
  # An answer without its words: what it cost is what matters.
  sub terse {
    my $line = shift;
    $line =~ s/"content":$nested/"content":0/;
    return trim($line);
  }
  # Keeps the directory in mind. One that is written with escapes is not looked for.
  sub placed {
    my $at = rindex $_[0], "\"cwd\":\"/";
    $place{$1} = 1 if $at >= 0 && substr($_[0], $at + 7, 4200) =~ /^([^"\\]+)"/;
    return $_[0];
  }

  sub beside {
    my $folder = shift;
    my ($count, $title) = (0, "");
    return "0 " unless -d $folder;
    if (opendir my $in, "$folder/subagents") { $count = grep /\.jsonl\z/, readdir $in }
    if (-f "$folder/custom-title.json" && open my $file, "<", "$folder/custom-title.json") {
      sysread $file, $title, 4096;
      $title =~ tr/\r\n/  /;
    }
    return "$count $title";
  }

  sub head {
    my $file = shift;
    my ($from, $begun, $talked, $prompted, $answered) = (0);
    until ($prompted && $answered) {
      my $end = index $text, "\n", $from;
      if ($end < 0) {
        last if $prompted || length $text >= ($talked ? 16384 : 1048576);
        sysread($file, $text, 3 * length $text, length $text) ? next : last;
      }
      my $aside = aside($from);
      if ($aside) {
        put(trim(substr $text, $from, $end - $from), "\n") if $naming{$aside} || !$begun && $timed{$aside};
        $from = $end + 1;
        next;
      }
      my $line = substr $text, $from, $end - $from;
      $from = $end + 1;
      next if $line !~ $talk;
      if (index($line, "\"type\":\"user\"") >= 0) {
        put(placed(trim($line)), "\n") unless $prompted;
        $begun = $talked = 1;
        $prompted ||= $line =~ /"(?:content|text)":"(?!<|\[Request )/ && $line !~ /"isMeta":true|"isCompactSummary":true/;
      } elsif (index($line, "\"type\":\"assistant\"") >= 0) {
        put(bare($line), "\n") unless $answered;
        $begun = $talked = $answered = 1;
      } else {
        put(placed(length $line > 8192 ? bare($line) : trim($line)), "\n") unless $begun;
        $begun = 1;
      }
    }
  }

  # False if more of the file has to be read.
  sub tail {
    my ($lines, $named, $whole) = @_;
    my ($wanted, $answered, $model, $other, $root);
    $text =~ tr/\0//d if index($text, "\0") >= 0;
    my $end = length $text;
    while ($end > 0 && !($answered && $model)) {
      my $from = 1 + rindex $text, "\n", $end - 1;
      last if $from == 0 && !$whole;
      my $aside = aside($from);
      if ($aside) {
        # A prompt is a title only where there is no other.
        my $idle = $aside eq "last-prompt" && ($named->{"ai-title"} || $named->{"custom-title"});
        push @$lines, trim(substr $text, $from, $end - $from) if $naming{$aside} && !$named->{$aside}++ && !$idle;
        $end = $from - 1;
        next;
      }
      my $line = substr $text, $from, $end - $from;
      $end = $from - 1;
      next if $line eq "";
      my $assistant = index($line, "\"type\":\"assistant\"") >= 0;
      if (!$assistant && $line !~ $talk) {
        # Neither an object nor a part of one: to be counted.
        push @$lines, substr $line, 0, 200 unless $answered || $line =~ /^\{.*\}\s*$/;
        next;
      }
      next if index(substr($line, 0, 200), "\"isSidechain\":true") >= 0;
      my $answer = $assistant && $line =~ /"usage":\{"/ && $line !~ /"isApiErrorMessage":true/;
      if ($answered) {
        # Behind what a compaction left: the model.
        if ($answer && !$model) { push @$lines, terse($line); $model = 1 }
        next;
      }
      if (defined $wanted && index($line, "\"uuid\":\"$wanted\"") < 0) {
        # A branch that was left: better than nothing.
        $other = terse($line) if $answer && !defined $other;
        next;
      }
      $model = $answer;
      $answered = $answer || index($line, "\"subtype\":\"compact_boundary\"") >= 0;
      my ($parent) = $line =~ /^\{"parentUuid":"([^"\\]+)"/;
      push @$lines, placed($answered ? terse($line)
        : !defined $wanted || length $line < 1000 ? bare($line)
        : defined $parent ? "{\"type\":\"attachment\",\"parentUuid\":\"$parent\",\"uuid\":\"$wanted\"}" : bare($line));
      $root = !$answered && $line =~ /^\{"parentUuid":null/;
      last if $root;
      $wanted = $parent;
    }
    push @$lines, $other if !$answered && defined $other;
    my $start = $whole ? 0 : 1 + index $text, "\n";
    if (!$root && $end > $start) {
      my %last = substr($text, $start, $end - $start) =~ /^\{"type":"($names)(".*)/mg;
      delete $last{"last-prompt"} if grep $named->{$_} || $last{$_}, "ai-title", "custom-title";
      push @$lines, map trim("$open$_$last{$_}"), grep !$named->{$_}++, keys %last;
    }
    return $whole || $root || $model;
  }

  # Where no line of its own tells the mode, a prompt does, if one is near.
  sub mode {
    my ($file, $size) = @_;
    sysseek $file, $size > 16384 ? $size - 16384 : 0, 0;
    sysread $file, $text, 16384;
    my ($at, $next) = -1;
    $at = $next while ($next = index $text, "\"permissionMode\":\"", $at + 1) >= 0;
    my $from = 1 + rindex $text, "\n", $at;
    return if $at < 0 || $from == 0;
    my $line = substr $text, $from, index($text, "\n", $at) - $from;
    return "{\"type\":\"permission-mode\",\"permissionMode\":$1}"
      if $line =~ /"type":"user"/ && $line =~ /"permissionMode":("[A-Za-z]+")[,}]/;
    return;
  }

  sub look {
    my ($size, $path) = @_;
    my $small = $size <= 8192;
    return put("unread\n") unless open my $file, "<", $path;
    return put("unread\n") unless defined sysread $file, $text, $small ? 8193 : 4096;
    my $beside = beside(substr $path, 0, -6);
    if ($small) {
      $place{$1} = 1 while $text =~ /"cwd":"(\/[^"\\]+)"/g;
      return put("whole $beside\n", $text);
    }
    put("ends $beside\n");
    head($file);
    for (my $back = 4096; ; $back *= 4) {
      my $start = $size > $back ? $size - $back : 0;
      sysseek $file, $start, 0;
      # More than that: what was appended meanwhile.
      sysread $file, $text, $back + 4096;
      my (@lines, %named);
      next unless tail(\@lines, \%named, $start == 0) || $back >= 1048576;
      push @lines, mode($file, $size) unless $named{"permission-mode"};
      put(join("\n", "", reverse @lines), "\n");
      return;
    }
  }

  my @rows = <STDIN>;
  chomp @rows;
  for my $i (0 .. $#rows) {
    last if $spent > $budget;
    put("\n$nonce look $i\n");
    look((split / /, $rows[$i], 3)[1, 2]);
  }

  flush();

  # A directory may lie on a file server that never answers: another process looks, and is not waited for long.
  $| = 1;
  my ($answer, $gone, $end) = ("");
  if (%place && pipe($gone, my $tell) && defined(my $child = fork)) {
    if (!$child) {
      close $gone;
      close STDOUT;
      print $tell map("$_\n", grep !-d, keys %place), "\n";
      exit;
    }
    close $tell;
    vec(my $ready = "", fileno $gone, 1) = 1;
    1 while select(my $now = $ready, undef, undef, 1) > 0 && ($end = sysread $gone, $answer, 65536, length $answer);
    print "\n$nonce gone\n$answer" if defined $end && $end == 0;
  }
`;
