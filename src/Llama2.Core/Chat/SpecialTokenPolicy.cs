namespace Llama2;

/// <summary>
/// How control tokens and template tags, such as <c>&lt;/s&gt;</c>, <c>[/INST]</c> or <c>&lt;|im_end|&gt;</c>, are treated in a message's text. The
/// policy applies to messages of every role.
/// </summary>
public enum SpecialTokenPolicy
{
    /// <summary>
    /// The default: text remains text, and cannot forge a turn. The names of control and user-defined tokens in it are encoded as ordinary characters,
    /// never as these tokens. A tag that is ordinary text for the vocabulary would look the same to the model as a real tag. Therefore a space is
    /// inserted before the tag's last character: <c>[INST]</c> becomes <c>[INST ]</c>, <c>### Human:</c> becomes <c>### Human :</c>. The same applies
    /// to a tag that a message's text and the format's own text would form together. U+2581, which SentencePiece writes for a space, counts as a space.
    /// All other text is unchanged.
    /// </summary>
    Escape,

    /// <summary>
    /// If a message contains a control token, user-defined token or tag, a <see cref="PromptFormatException"/> is thrown. It states the text of the
    /// token or tag, the message, and the position in the message. User-defined tokens are refused only if they contain a letter or digit and a
    /// punctuation mark or symbol, as tags do. Others, such as runs of spaces and whole words, are text.
    /// </summary>
    Reject,

    /// <summary>
    /// The names of control and user-defined tokens in the text are encoded as these tokens, and tags are kept unchanged. Use it only for messages
    /// that the program itself wrote.
    /// </summary>
    Allow,
}
