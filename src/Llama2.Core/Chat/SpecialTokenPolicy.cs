namespace Llama2;

/// <summary>
/// What becomes of control tokens and template tags that a message's text spells, such as <c>&lt;/s&gt;</c>, <c>[/INST]</c> or
/// <c>&lt;|im_end|&gt;</c>. It holds for messages of every role.
/// </summary>
public enum SpecialTokenPolicy
{
    /// <summary>
    /// The default: text stays text, and cannot forge a turn. Control and user-defined tokens that it spells are encoded as ordinary
    /// characters, never as these tokens. A tag that is ordinary text for the vocabulary would look the same to the model as a real tag. It gets a space
    /// before its last character: <c>[INST]</c> becomes <c>[INST ]</c>, <c>### Human:</c> becomes <c>### Human :</c>. The same applies to a tag that
    /// text and scaffolding would form together. U+2581, which SentencePiece writes for a space, counts as one. All other text is unchanged.
    /// </summary>
    Escape,

    /// <summary>
    /// A control token, user-defined token or tag in a message throws a <see cref="PromptFormatException"/> that names it, the message and the position in
    /// it. User-defined tokens are refused only if they contain a letter or digit and a punctuation mark or symbol, as tags do. Others, such as runs of
    /// spaces and whole words, are text.
    /// </summary>
    Reject,

    /// <summary>
    /// Control and user-defined tokens that the text spells become these tokens, and tags stay as they are. Only for messages that the program itself
    /// wrote.
    /// </summary>
    Allow,
}
