using Llama2.Adapters;
using Llama2.Training.Model;
using Llama2.Training.Tensors;

namespace Llama2.Training.Export;

/// <summary>The trained adapter as an adapter's file that exists only in memory.</summary>
internal static class TrainedAdapter
{
    public static AdapterFile Of(IReadOnlyList<Parameter> parameters, LoraLayout layout, IReadOnlyList<NewToken> tokens, ModelConfiguration shape)
    {
        var file = new ParameterFile("the trained adapter", parameters, GgufAdapterWriter.Metadata(parameters, layout, tokens, shape));
        AdapterFile read = GgufAdapterReader.Read(file);
        // The scales are taken from the layout: B is not multiplied by a factor, as it is in a file with one alpha.
        return new AdapterFile(file, read.Path, read.FormatName, read.Name, read.Pairs.Select(pair => pair with { Scale = layout.Shapes[pair.BaseName].Scale }))
        {
            Replacements = read.Replacements,
            ExtendVocabulary = read.ExtendVocabulary,
        };
    }
}
