using Llama2.Adapters;
using Llama2.Architectures;
using static System.FormattableString;

namespace Llama2.Training.Model;

/// <summary>Which matrices of a model are adapted, and the shape of each matrix's adapter: as the options state it, or as an existing adapter has it. Immutable.</summary>
internal sealed class LoraLayout
{
    private const string Remedy = "merge the adapter into the model, and train with the merged model";

    private readonly Dictionary<string, LoraShape> _shapes;

    private LoraLayout(Dictionary<string, LoraShape> shapes, bool isRankStabilized, bool hasMagnitudes)
    {
        _shapes = shapes;
        IsRankStabilized = isRankStabilized;
        HasMagnitudes = hasMagnitudes;
        Rank = MostFrequent(shapes.Values.Select(shape => shape.Rank));
        Alpha = MostFrequent(shapes.Values.Select(shape => shape.Alpha));
        DividedAlpha = MostFrequent(shapes.Values.Select(shape => shape.Scale * shape.Rank));
    }

    /// <summary>The rank of most matrices.</summary>
    public int Rank { get; }

    /// <summary>The alpha of most matrices.</summary>
    public float Alpha { get; }

    /// <summary>The number that most matrices' scale gives when it is multiplied by the rank.</summary>
    public float DividedAlpha { get; }

    /// <summary>Whether scales are alpha / √rank instead of alpha / rank.</summary>
    public bool IsRankStabilized { get; }

    /// <summary>Whether the magnitudes of the rows are trained too (DoRA).</summary>
    public bool HasMagnitudes { get; }

    /// <summary>The adapted matrices by their tensors' names, in the order of the layers.</summary>
    public IReadOnlyDictionary<string, LoraShape> Shapes => _shapes;

    /// <summary>The layout of a new adapter.</summary>
    /// <exception cref="ArgumentException">A pattern matches no adapted matrix, or is too complex.</exception>
    public static LoraLayout Of(LoraOptions options, ModelConfiguration model)
    {
        ModulePatterns ranks = LoraOptions.PatternsOf(options.RankPattern.Select(entry => (entry.Pattern, (float)entry.Rank))), alphas = LoraOptions.PatternsOf(options.AlphaPattern);
        try
        {
            var shapes = new Dictionary<string, LoraShape>(StringComparer.Ordinal);
            List<string> modules = [];
            foreach ((TensorRole role, int layer) in model.Family.Tensors.Enumerate(model.LayerCount))
            {
                if (options.Adapts(role))
                {
                    modules.Add(ModuleOf(role, layer));
                    LoraOptions own = options with { Rank = (int)(ranks.Find(modules[^1]) ?? options.Rank), Alpha = alphas.Find(modules[^1]) ?? options.Alpha };
                    shapes.Add(role.Name(layer), new LoraShape(own.Rank, own.Alpha, own.Scale));
                }
            }

            RequireUsed(ranks, $"ranks ({nameof(LoraOptions)}.{nameof(LoraOptions.RankPattern)}, --rank-pattern)", modules);
            RequireUsed(alphas, $"alphas ({nameof(LoraOptions)}.{nameof(LoraOptions.AlphaPattern)}, --alpha-pattern)", modules);
            return new LoraLayout(shapes, options.UseRankStabilization, options.UseWeightDecomposition);
        }
        catch (FormatException exception)
        {
            throw new ArgumentException($"Patterns of ranks ({nameof(LoraOptions)}.{nameof(LoraOptions.RankPattern)}, --rank-pattern) or alphas ({nameof(LoraOptions)}.{nameof(LoraOptions.AlphaPattern)}, --alpha-pattern): {exception.Message}.", nameof(options), exception);
        }
    }

    /// <summary>The name of a matrix's module in Hugging Face's models.</summary>
    public static string ModuleOf(TensorRole role, int layer)
    {
        string name = role.NameIn(NameSpace.HuggingFace, layer)!;
        return name[..name.LastIndexOf('.')];
    }

    /// <summary>The layout of an existing adapter.</summary>
    /// <param name="file">The adapter.</param>
    /// <param name="model">The model.</param>
    /// <param name="addsMagnitudes">Whether magnitudes are trained even if the adapter has none yet.</param>
    /// <exception cref="ModelFormatException">The adapter does not fit the model, or changes a tensor that training does not adapt.</exception>
    public static LoraLayout Of(AdapterFile file, ModelConfiguration model, bool addsMagnitudes)
    {
        RequireLayerMatrices(file, model);
        foreach (AdapterPair pair in file.Pairs)
        {
            if (pair.Scale == 0)
            {
                throw pair.A.Fault($"the scale of '{pair.A.Name}'", "0", "an adapter whose scale is 0 changes nothing and cannot be trained; begin with a new adapter");
            }
        }

        var pairs = file.Pairs.ToDictionary(pair => pair.BaseName, StringComparer.Ordinal);
        var shapes = new Dictionary<string, LoraShape>(StringComparer.Ordinal);
        foreach ((TensorRole role, int layer) in model.Family.Tensors.Enumerate(model.LayerCount))
        {
            if (pairs.TryGetValue(role.Name(layer), out AdapterPair? pair))
            {
                shapes.Add(pair.BaseName, new LoraShape(pair.Rank, pair.Scale * pair.Rank, pair.Scale));
            }
        }

        return new LoraLayout(shapes, isRankStabilized: false, addsMagnitudes || file.Pairs.Any(pair => pair.Magnitudes is not null));
    }

    /// <summary>Checks that an adapter changes only matrices of layers, each by a product of low rank, and that it fits them.</summary>
    /// <exception cref="ModelFormatException">The adapter does not fit, or changes another tensor.</exception>
    public static void RequireLayerMatrices(AdapterFile file, ModelConfiguration model)
    {
        if (file.Replacements.Count > 0 || file.TokenCount > model.VocabularySize)
        {
            throw new ModelFormatException(
                file.Path, null, "the tensors of the adapter", file.Replacements.Count > 0 ? $"{(file.Replacements[0].Rows is null ? "a whole" : "rows of")} '{file.Replacements[0].BaseName}'" : "rows of new tokens",
                $"training starts only from adapters that change the layers' matrices by low rank: {Remedy}");
        }

        foreach (AdapterPair pair in file.Pairs)
        {
            RequireLayerMatrix(pair, model);
        }
    }

    private static void RequireLayerMatrix(AdapterPair pair, ModelConfiguration model)
    {
        if (model.Family.Tensors.Find(NameSpace.Gguf, pair.BaseName) is not ({ TakesLora: true } role, var layer) || layer >= model.LayerCount)
        {
            throw pair.IsOfNoTensor();
        }

        if (!role.IsOfLayer)
        {
            throw pair.A.Fault(
                $"the model tensor that '{pair.A.Name}' changes", $"'{pair.BaseName}'", $"training starts only from adapters of the layers' matrices: {Remedy}");
        }

        pair.CheckShape(model.Dimensions[role.Rows], model.Dimensions[role.Columns], isEmbedding: false);
    }

    /// <summary>The ranks, such as <c>8</c> or <c>4 to 16</c>.</summary>
    public string DescribeRanks()
    {
        int lowest = _shapes.Values.Min(shape => shape.Rank), highest = _shapes.Values.Max(shape => shape.Rank);
        return lowest == highest ? Invariant($"{lowest}") : Invariant($"{lowest} to {highest}");
    }

    private static void RequireUsed(ModulePatterns patterns, string what, List<string> modules)
    {
        if (patterns.FindUnused(modules) is { } unused)
        {
            throw new ArgumentException($"The pattern '{unused}' of the {what} matches no adapted matrix. Names are those of Hugging Face's models, such as '{modules[0]}'.", nameof(patterns));
        }
    }

    // The smaller one of two values that are equally frequent.
    private static T MostFrequent<T>(IEnumerable<T> values)
        where T : notnull => values.GroupBy(value => value).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key;
}
