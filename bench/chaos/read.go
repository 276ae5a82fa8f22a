package chaos

import "io"

// answerMax bounds what is read of an answer.
const answerMax = 16 << 20

func readAll(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, answerMax)) }
