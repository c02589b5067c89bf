# written by a later step
