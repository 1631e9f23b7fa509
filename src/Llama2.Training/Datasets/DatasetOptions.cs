namespace Llama2.Training;

/// <summary>How a data set is read. Immutable.</summary>
public sealed record DatasetOptions
{
    /// <summary>The minimum of <see cref="MaxLength"/>.</summary>
    public const int MinLength = 8;

    /// <summary>
    /// The format of the records. With null (the default), it is detected from the first record, and a file that is neither JSON nor a table is read as
    /// plain text. With <see cref="DatasetFormat.Text"/>, any file is read as plain text.
    /// </summary>
    public DatasetFormat? Format { get; init; }

    /// <summary>
    /// The prompt format in which conversations are encoded; it must be the prompt format of the model to be trained. Required for all formats except
    /// plain text.
    /// </summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>The maximum number of tokens of a sample, from 8 to the model's context length; default 512.</summary>
    public int MaxLength
    {
        get;
        init => field = value >= MinLength
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxLength), value, $"It must be {MinLength} tokens or more.");
    } = 512;

    /// <summary>How samples that are longer than <see cref="MaxLength"/> are handled; default <see cref="LongSamplePolicy.Skip"/>.</summary>
    public LongSamplePolicy LongSamples { get; init; }

    /// <summary>How malformed records are handled; default <see cref="InvalidRecordPolicy.Fail"/>.</summary>
    public InvalidRecordPolicy InvalidRecords { get; init; }

    /// <summary>
    /// The maximum number of tokens of the two answers of a preference pair together, each with its prompt, 16 or more; null (the default) for no limit
    /// other than <see cref="MaxLength"/> for each. Set it to <see cref="TrainingOptions.BatchTokenCount"/>, because both are computed in one batch. A
    /// longer pair is handled as <see cref="LongSamples"/> states, but never truncated to this limit.
    /// </summary>
    public int? MaxPairLength
    {
        get;
        init => field = value is null or >= 2 * MinLength
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxPairLength), value, $"It must be {2 * MinLength} tokens or more.");
    }

    /// <summary>
    /// Whether records have ratings, for <see cref="PreferenceMethod.Kto"/>: <c>label</c>, as in TRL and ms-swift, or <c>kto_tag</c>, as in LLaMA-Factory,
    /// is true for a desirable and false for an undesirable answer. Each record must have one of them, or two answers as pairs have. Only the last answer
    /// is learned. False by default: a record with a rating is then malformed.
    /// </summary>
    public bool ReadRatings { get; init; }

    /// <summary>
    /// Fields of records and messages that are read as if the file did not have them; default none. A field that changes the meaning of a record and is
    /// not used makes the record malformed, unless it is named here. Copied when set.
    /// </summary>
    public IReadOnlyList<string> IgnoredFields
    {
        get;
        init => field = [.. value ?? throw new ArgumentNullException(nameof(IgnoredFields))];
    } = [];

    /// <summary>
    /// Fields that have other names in the file than in the formats: the key is the format's name, such as <c>instruction</c>, and the value is the
    /// file's, such as <c>Question</c>. They apply to records and messages; default none. Copied when set.
    /// </summary>
    public IReadOnlyDictionary<string, string> FieldNames
    {
        get;
        init => field = new Dictionary<string, string>(value ?? throw new ArgumentNullException(nameof(FieldNames)), StringComparer.Ordinal);
    } = new Dictionary<string, string>();

    /// <summary>
    /// Names of the authors of messages that the formats do not know: the key is the file's name, such as <c>Customer</c>, the value is one of
    /// <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c> and <c>function_call</c>, and is checked when set; default none. Copied when set.
    /// </summary>
    public IReadOnlyDictionary<string, string> RoleNames
    {
        get;
        init
        {
            foreach ((string name, string role) in value ?? throw new ArgumentNullException(nameof(RoleNames)))
            {
                if (Datasets.Forms.RoleNames.Find(role) is null)
                    throw new ArgumentException($"'{name}' means '{role}', which is not one of system, user, assistant, tool and function_call.", nameof(RoleNames));
            }

            field = new Dictionary<string, string>(value, StringComparer.Ordinal);
        }
    } = new Dictionary<string, string>();

    /// <summary>The maximum size of a record or line in bytes, 1 to 1 Gi; default 16 Mi.</summary>
    public int MaxRecordByteSize
    {
        get;
        init => field = value is >= 1 and <= 1 << 30
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxRecordByteSize), value, "It must be 1 to 1,073,741,824 bytes.");
    } = 16 << 20;

    /// <summary>
    /// The maximum number of tokens of all samples together, 1 or more; default 1,000,000,000. A token takes five bytes of memory.
    /// </summary>
    public long MaxTokenCount
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokenCount), value, "It must be 1 or more.");
    } = 1_000_000_000;
}
