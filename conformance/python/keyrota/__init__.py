"""keyrota in Python, for readers: the bytes of the protocol, and which bytes are accepted.

One module for each part of the specification, in this order:

    errors        the one exception, and the layers that reject             chapter 12
    wire          numbers, strings, options, lists, structures              chapter 1, "Encoding of values"
    primitives    P-256, ECDSA, HKDF, the KEM, AES-GCM-SIV, random chains   chapter 1
    armor         frames as lines of text                                   chapter 4
    frames        every structure of the wire, as tables                    chapter 3
    keys          identifiers, signatures, and derivations                  chapters 7, 16, 17
    sealing       keys under the previous one, and in boxes                 chapters 7 and 10
    certificates  whose key is whose, and whose word counts                 chapter 6
    records       steps, proofs, validity, order, evidence                  chapters 8 and 16
    messages      sealing and opening texts, repeats                        chapters 7 and 11
    order         whose turn it is, and when                                chapter 10
    mode          commands that change rights                               chapter 10, "Commands"
    rights        what they make of a list                                  chapter 10, "Changing the list"

It is written from the text of the specification alone. It is meant to be read and compared, not to
keep secrets: Python compares and copies keys in its own time and wipes nothing (1-7).
"""
