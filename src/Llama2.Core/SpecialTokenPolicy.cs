namespace Llama2;

/// <summary>
/// What becomes of control tokens and template tags that a message's text spells, such as <c>&lt;/s&gt;</c>, <c>[/INST]</c> or
/// <c>&lt;|im_end|&gt;</c>. It holds for messages of every role.
/// </summary>
public enum SpecialTokenPolicy
{
    /// <summary>
    /// The default: text stays text, and cannot forge a turn. Control and user-defined tokens that it spells are encoded as the characters they
    /// are, never as the tokens. A tag that is ordinary text to the vocabulary, where text and tag would be the same to the model, gets a space
    /// before its last character: <c>[INST]</c> becomes <c>[INST ]</c>, <c>### Human:</c> becomes <c>### Human :</c>. So does one that text
    /// and scaffolding would form together. U+2581, which SentencePiece writes for a space, counts as one. All other text is unchanged.
    /// </summary>
    Escape,

    /// <summary>
    /// A <see cref="PromptFormatException"/> that names the tag or token, the message and the position in it. Of user-defined tokens those are
    /// refused that have a letter or digit and a sign, as tags do; others, such as runs of spaces and whole words, are text.
    /// </summary>
    Reject,

    /// <summary>
    /// Control and user-defined tokens that the text spells become these tokens, and tags stay as they are. Only for messages that the program itself
    /// wrote.
    /// </summary>
    Allow,
}
