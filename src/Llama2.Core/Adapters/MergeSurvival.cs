using Llama2.Conversion;
using Llama2.Quantization;

namespace Llama2.Adapters;

/// <summary>Measures how much of the adapters' change survives in all matrices of a merge, and refuses a merge in which too little survives.</summary>
/// <param name="source">The merged model.</param>
/// <param name="targetPath">The path of the model that is written.</param>
/// <param name="options">How to round, and how much must survive.</param>
internal sealed class MergeSurvival(MergedModelFile source, string targetPath, AdapterMergeOptions options)
{
    private readonly List<MergedRounding> _matrices = [];

    /// <summary>The object that measures and rounds the rows of a tensor; null if the adapters do not change the tensor, or if it is not rounded.</summary>
    public IRowRounding? RoundingOf(string name, GgmlType type)
    {
        if (type == GgmlType.F32 || source.FindMerged(name) is not { } tensor)
        {
            return null;
        }

        bool isOnPoints = WeightFormats.Of(tensor.StoredType).Codes is not null;
        var rounding = new MergedRounding(tensor, type, isOnPoints && options.Rounding == MergeRounding.ForAdapters && WeightFormats.Of(type).Codes is not null);
        _matrices.Add(rounding);
        return rounding;
    }

    /// <summary>The report, once all rows were rounded.</summary>
    public AdapterMergeReport Report() => new(
        [.. _matrices.Select(matrix => new MergedMatrix(matrix.Name, matrix.Type.ToString(), Part(matrix.Survived, matrix.Wanted)))],
        Part(_matrices.Sum(matrix => matrix.Survived), _matrices.Sum(matrix => matrix.Wanted)));

    /// <exception cref="AdapterMergeException">Less survives than the options require.</exception>
    public void Require()
    {
        AdapterMergeReport report = Report();
        if (report.Survival < options.MinSurvival)
        {
            throw new AdapterMergeException(targetPath, report, options.MinSurvival);
        }
    }

    // Where no change was wanted, none was lost.
    private static double Part(double survived, double wanted) => wanted == 0 ? 1 : survived / wanted;
}
