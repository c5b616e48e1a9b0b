package at

import "strings"

// conversation is the state of the wire as a pure machine: bytes go in, and the command in progress, the unsolicited
// codes and the count of noise change. It has no lock, no clock and no goroutine; the engine's mutex guards it.
type conversation struct {
	split splitter
	codes Codes
	bound int // Of an answer, in bytes.

	now *exchange // The command in progress, or nil.

	indicated *Unsolicited // A code that waits for its second line.
	tell      func(Unsolicited)

	noise int  // Lines that were nobody's, and lines over the bound.
	stray bool // A final result came while nothing was asked: something is out of step.
}

// exchange is one command on its way.
type exchange struct {
	cmd      Command
	answer   Answer
	size     int
	echoes   int  // How many of our own lines the modem may still echo.
	awaitPDU bool // The last answer line waits for its second line.
	prompted bool
	handed   bool // The payload was given to the port. Owned by the sender.

	prompt chan struct{} // Closed when the modem asks for the payload.
	done   chan struct{} // Closed when the final result is there; answer and err are then the waiter's.
	err    error
}

func newExchange(cmd Command) *exchange {
	x := &exchange{cmd: cmd, echoes: 1, prompt: make(chan struct{}), done: make(chan struct{})}
	if cmd.Payload != "" {
		x.echoes = 2
	}
	return x
}

// feed takes what the modem sent.
func (c *conversation) feed(p []byte) {
	for _, b := range p {
		await := c.now != nil && c.now.cmd.Payload != "" && !c.now.prompted
		switch c.split.push(b, await) {
		case tokenLine:
			c.line(c.split.take())
		case tokenPrompt:
			c.now.prompted = true
			close(c.now.prompt)
		case tokenOver:
			c.noise++
		case tokenNone:
		}
	}
}

// line decides whose a line is. The order matters: an awaited PDU first, then the answer, then the final result (a free
// answer may not swallow it), then unsolicited codes, and what remains is noise.
func (c *conversation) line(line string) {
	if c.indicated != nil {
		u := *c.indicated
		c.indicated = nil
		if isHex(line) {
			u.PDU = line
			c.tell(u)
			return
		}
		c.tell(u)
	}
	x := c.now
	if x == nil {
		c.unasked(line)
		return
	}
	switch {
	case x.awaitPDU && isHex(line):
		x.awaitPDU = false
		x.answer[len(x.answer)-1].PDU = line
		c.grow(x, line)
	case x.isEcho(line):
		x.echoes--
	case x.owns(line, c.codes):
		x.answer = append(x.answer, Line{Text: line})
		x.awaitPDU = x.cmd.PDU
		c.grow(x, line)
	default:
		if err, final := finalResult(line, x.cmd.Dials); final {
			c.finish(x, err)
		} else {
			c.unasked(line)
		}
	}
}

// owns tells whether the line is part of the command's answer. A command whose lines carry no mark must not take final
// results and known codes for them.
func (x *exchange) owns(line string, codes Codes) bool {
	if x.cmd.Match == nil || !x.cmd.Match(line) {
		return false
	}
	if !x.cmd.Bare {
		return true
	}
	_, final := finalResult(line, x.cmd.Dials)
	return !final && !codes.match(line) && !x.foreign(line)
}

// foreign tells whether a line can't be an answer without a mark: it has the mark of some other answer, or is the echo of
// a command, or a piece of the echo of this one, which a code that came between has cut in two.
func (x *exchange) foreign(line string) bool {
	sent := "AT" + x.cmd.Text
	if strings.HasPrefix(line, x.cmd.Text+":") {
		return false
	}
	rest, command := strings.CutPrefix(line, "AT")
	return marked(line) || command && marked(rest) || strings.Contains(sent, line)
}

// marked tells whether the line begins as extended commands and their answers do.
func marked(line string) bool { return line != "" && strings.ContainsRune("+^*$%#&", rune(line[0])) }

func (x *exchange) isEcho(line string) bool {
	return x.echoes > 0 && (line == "AT"+x.cmd.Text || x.cmd.Payload != "" && line == x.cmd.Payload)
}

func (c *conversation) unasked(line string) {
	switch _, final := finalResult(line, false); {
	case final:
		c.stray = true
		c.noise++
	case !c.codes.match(line):
		c.noise++
	case carriesPDU(line):
		c.indicated = &Unsolicited{Text: line}
	default:
		c.tell(Unsolicited{Text: line})
	}
}

func (c *conversation) grow(x *exchange, line string) {
	x.size += len(line)
	if x.size > c.bound {
		c.finish(x, ErrTooLong)
	}
}

// finish ends the command. An OK without the answer that it must have is not believed.
func (c *conversation) finish(x *exchange, err error) {
	if err == nil && len(x.answer) < x.cmd.Least {
		err = ErrIncomplete
	}
	x.err = err
	c.now = nil
	close(x.done)
}
