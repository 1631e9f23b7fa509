using System.Text.Json;
using Llama2.Architectures;
using static System.FormattableString;

namespace Llama2.Formats.MetaCheckpoint;

/// <summary>The parameters in a <c>params.json</c>, with the defaults of ModelArgs in model.py of github.com/meta-llama/llama.</summary>
internal sealed class MetaParameters
{
    private const int MaxDepth = 8;
    private const int MaxByteSize = 64 * 1024;
    private const int MaxLength = 1 << 20;

    private readonly string _path;

    private MetaParameters(string path, JsonElement root)
    {
        _path = path;
        double? theta = null;
        int? contextLength = null;
        int multipleOf = 256, width = 0;
        double multiplier = 1, epsilon = 1e-5;
        foreach (JsonProperty property in Properties(root))
        {
            switch (property.Name)
            {
                case "dim": width = Integer(property, 1, MaxLength); break;
                case "n_layers": LayerCount = Integer(property, 1, 512); break;
                case "n_heads": HeadCount = Integer(property, 1, 1024); break;
                case "n_kv_heads" when property.Value.ValueKind == JsonValueKind.Null: break;
                case "n_kv_heads": KeyValueHeadCount = Integer(property, 1, 1024); break;
                case "vocab_size": VocabularySize = Integer(property, -1, MaxLength); break;
                case "multiple_of": multipleOf = Integer(property, 1, MaxLength); break;
                case "ffn_dim_multiplier" when property.Value.ValueKind == JsonValueKind.Null: break;
                case "ffn_dim_multiplier": multiplier = Number(property, 0.01, 100); break;
                case "norm_eps": epsilon = Number(property, 1e-12, 1); break;
                case "rope_theta": theta = Number(property, 1, 1e12); break;
                case "max_seq_len": contextLength = Integer(property, 1, 1 << 24); break;
                case "max_batch_size": break;
                default: throw Fault(property.Name, property.Value.ToString(), "this library does not know it, and ignoring it could change the answers; Llama 1 and 2 have no such parameter");
            }
        }

        RequirePresent("dim", width);
        RequirePresent("n_layers", LayerCount);
        RequirePresent("n_heads", HeadCount);
        KeyValueHeadCount = KeyValueHeadCount == 0 ? HeadCount : KeyValueHeadCount;
        if (width % HeadCount != 0 || HeadCount % KeyValueHeadCount != 0)
            throw Fault("n_heads and n_kv_heads", Invariant($"{HeadCount:N0} and {KeyValueHeadCount:N0}"), Invariant($"n_heads must divide the width, {width:N0}, and n_kv_heads must divide n_heads"));
        EmbeddingLength = width;
        FeedForwardLength = ComputeFeedForwardLength(width, multiplier, multipleOf);
        NormEpsilon = (float)epsilon;
        RopeTheta = (float)(theta ?? 10_000);
        ContextLength = contextLength ?? ChooseContextLength(epsilon, theta ?? 10_000);
    }

    /// <summary>The architecture of every Meta checkpoint that this library reads; <c>params.json</c> does not state it.</summary>
    public static ModelArchitecture Architecture => ModelArchitecture.Llama;

    /// <summary>Width of the residual stream, <c>dim</c>.</summary>
    public int EmbeddingLength { get; }

    public int LayerCount { get; }

    public int HeadCount { get; }

    public int KeyValueHeadCount { get; }

    /// <summary>Width of the feed-forward network's hidden layer, which follows from <c>dim</c>, <c>ffn_dim_multiplier</c> and <c>multiple_of</c>.</summary>
    public int FeedForwardLength { get; }

    /// <summary>The number of tokens in the vocabulary; 0 or less if the shapes of the tensors determine it.</summary>
    public int VocabularySize { get; } = -1;

    public float NormEpsilon { get; }

    public float RopeTheta { get; }

    public int ContextLength { get; }

    /// <summary>The dimensions that determine the shapes of the tensors.</summary>
    /// <param name="vocabularySize">
    /// The number of tokens in the vocabulary, which has to be passed because <c>params.json</c> need not contain it.
    /// </param>
    public ModelDimensions DimensionsFor(long vocabularySize) => new(LayerCount, EmbeddingLength, HeadCount, KeyValueHeadCount, FeedForwardLength, vocabularySize);

    /// <summary>Reads the file.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or a parameter is missing, out of range or unknown.</exception>
    public static MetaParameters Read(IByteSource source)
    {
        if (source.Length > MaxByteSize)
            throw new ModelFormatException(source.Path, null, "file size", Invariant($"{source.Length:N0} bytes"), Invariant($"at most {MaxByteSize:N0} are allowed"));
        byte[] bytes = new byte[source.Length];
        source.Read(0, bytes);
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return new MetaParameters(source.Path, document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException(source.Path, null, "JSON", "malformed", $"{JsonFault.Describe(exception, bytes, MaxDepth)}: the file is damaged", exception);
        }
    }

    // model.py computes hidden = int(2 · 4 · dim / 3), then int(multiplier · hidden), and rounds up to a multiple of multiple_of. For Llama 2 70B:
    // 21,845 · 1.3 → 28,398 → 28,672.
    private int ComputeFeedForwardLength(int width, double multiplier, int multipleOf)
    {
        long hidden = (long)(multiplier * (long)(8L * width / 3.0));
        long length = (hidden + multipleOf - 1) / multipleOf * multipleOf;
        return length is >= 1 and <= MaxLength
            ? (int)length
            : throw Fault("feed-forward length", Invariant($"{length:N0}"), Invariant($"it follows from dim, ffn_dim_multiplier and multiple_of, and must be from 1 to {MaxLength:N0}"));
    }

    // The file does not state the context length, so it is derived from norm_eps and rope_theta. Llama 1 and Llama 2 differ in norm_eps, except that Llama 1
    // 65B has the norm_eps of Llama 2. Code Llama, which was trained on 16,384 tokens, has another rope_theta.
    private int ChooseContextLength(double epsilon, double theta) => (epsilon, theta) switch
    {
        (1e-5, 1e6) => 16_384,
        (1e-5, 10_000) => 4_096,
        (1e-6, 10_000) => 2_048,
        _ => throw Fault("norm_eps and rope_theta", Invariant($"{epsilon} and {theta}"), "they are not those of Llama 1, Llama 2 or Code Llama, so the context length is unknown; state it as \"max_seq_len\""),
    };

    private IEnumerable<JsonProperty> Properties(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Fault("JSON", $"{root.ValueKind}", "it must be an object");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!names.Add(property.Name))
                throw Fault(property.Name, "given twice", "a parameter must have one value");
            yield return property;
        }
    }

    private int Integer(JsonProperty property, int min, int max) =>
        property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt32(out int value) && value >= min && value <= max
            ? value
            : throw Fault(property.Name, property.Value.ToString(), Invariant($"it must be an integer from {min:N0} to {max:N0}"));

    // The condition is false for NaN, so NaN is refused.
    private double Number(JsonProperty property, double min, double max) =>
        property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetDouble(out double value) && value >= min && value <= max
            ? value
            : throw Fault(property.Name, property.Value.ToString(), Invariant($"it must be a number from {min} to {max}"));

    private void RequirePresent(string name, int value)
    {
        if (value == 0)
            throw Fault(name, "missing", "the model cannot be read without it");
    }

    private ModelFormatException Fault(string field, string value, string limit) => new(_path, null, field, value, limit);
}
