using Llama2.Evaluation.RedTeaming.Styles;

namespace Llama2.Evaluation;

/// <summary>
/// A way to request a behavior, from the published literature. All styles are fixed texts and encodings: none is searched for with gradients or with
/// another model, so results are the same for all who run them. Derive from this class for a style of your own. Implementations are immutable and
/// thread-safe.
/// </summary>
public abstract class AttackStyle
{
    /// <summary>Initializes the style.</summary>
    /// <param name="name">Its name in reports and on the command line.</param>
    /// <param name="description">What it does, with its source.</param>
    protected AttackStyle(string name, string description)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(description);
        (Name, Description) = (name, description);
    }

    /// <summary>The styles that need no file, in the order of reports.</summary>
    public static IReadOnlyList<AttackStyle> BuiltIn { get; } =
    [
        new DirectStyle(), new PrefixInjectionStyle(), new AnswerPrefillStyle(), new RefusalSuppressionStyle(), new RolePlayStyle(),
        new EncodingStyle("base64", TextCode.Base64), new EncodingStyle("rot13", TextCode.Rot13), new EncodingStyle("leetspeak", TextCode.Leetspeak),
        new EncodingStyle("pig_latin", TextCode.PigLatin), new PayloadSplittingStyle(), new FewShotStyle(), ScriptedStyle.Escalation,
    ];

    /// <summary>The name in reports and on the command line.</summary>
    public string Name { get; }

    /// <summary>What the style does, with its source.</summary>
    public string Description { get; }

    /// <summary>Writes the conversation that requests a behavior.</summary>
    /// <param name="behavior">The behavior.</param>
    public abstract Attack Create(RedTeamBehavior behavior);

    /// <summary>
    /// Returns the answer as plain text: a style that asks for an encoded answer decodes it. The default implementation returns the answer unchanged.
    /// </summary>
    /// <param name="answer">The model's last answer.</param>
    public virtual string Decode(string answer) => answer;

    /// <summary>Returns <see cref="Name"/>.</summary>
    public override string ToString() => Name;

    /// <summary>Creates a style whose turns are read from a file: a conversation in several turns.</summary>
    /// <param name="path">
    /// A JSON file: <c>{"name": …, "description": …, "turns": ["Tell me about …", "… {behavior} …"]}</c> with 1 to 32 turns of at most 16,384 characters, at
    /// least one of which contains <c>{behavior}</c>.
    /// </param>
    /// <exception cref="EvaluationDataException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static AttackStyle ReadScript(string path) => StyleFile.ReadScript(path);

    /// <summary>Creates a style that translates requests word by word or as a whole, with a table from a file.</summary>
    /// <param name="path">
    /// A JSON file: <c>{"name": …, "description": …, "behaviors": {"id": "translation"}, "words": {"word": "translation"}}</c>, at most 16 MiB. A behavior
    /// whose id is in <c>behaviors</c> is replaced as a whole; words of others are replaced by <c>words</c>, and words that are not in the table stay.
    /// </param>
    /// <exception cref="EvaluationDataException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static AttackStyle ReadTranslation(string path) => StyleFile.ReadTranslation(path);
}
