package at

// splitter cuts the stream into lines. A line ends with CR or LF, so that an echo ("AT\r") is a line of its own; empty
// ones and control characters (NUL of a waking UART, the Ctrl-Z of an echo) are dropped. A line over the bound is dropped whole.
type splitter struct {
	line  []byte
	bound int
	over  bool // The line has gone over the bound: drop up to its end.
}

type token int

const (
	tokenNone   token = iota // More is needed.
	tokenLine                // take gives a line.
	tokenPrompt              // The modem waits for a payload.
	tokenOver                // A line was too long and is gone.
)

// push takes the next byte. A prompt is not ended by anything, so it is known only when one is awaited.
func (s *splitter) push(b byte, awaitPrompt bool) token {
	switch {
	case b == '\r' || b == '\n':
		over := s.over
		s.over = false
		if over {
			s.line = s.line[:0]
			return tokenOver
		}
		if len(s.line) == 0 {
			return tokenNone
		}
		return tokenLine
	case s.over, b < ' ', b == 0x7f:
		return tokenNone
	case b == '>' && awaitPrompt && len(s.line) == 0:
		return tokenPrompt
	case b == ' ' && len(s.line) == 0:
		return tokenNone // The blank behind a prompt.
	case len(s.line) >= s.bound:
		s.over = true
		return tokenNone
	}
	s.line = append(s.line, b)
	return tokenNone
}

func (s *splitter) take() string {
	line := string(s.line)
	s.line = s.line[:0]
	return line
}
