"""Code in, the proposal of a manifest out: what each file says, the evidence in it, and the moves it speaks for."""
