using System.Text.RegularExpressions;
using Llama2.Architectures;
using Llama2.Tests.Architecture;

namespace Llama2.Tests.Architectures;

/// <summary>
/// Only the tables in Architectures contain the names of tensors, metadata keys and formats; all other code derives them from the tables.
/// </summary>
public partial class LiteralNamesTests
{
    private static readonly Project[] s_projects = [Project.Core, Project.Extensions, Project.Training, Project.Evaluation, Project.Cli];

    // Parts of names that are also ordinary words.
    private static readonly string[] s_plainWords = ["*", "weight", "model", "layers", "norm", "output", "attention"];

    [Fact]
    public void NamesOfTensors_AreSpelledInTheTableAlone()
    {
        string[] words =
        [
            .. LlamaTensors.All.Roles.SelectMany(role => Enum.GetValues<NameSpace>().Select(space => role.NameIn(space))).OfType<string>()
                .SelectMany(name => name.Split('.')).Where(word => !int.TryParse(word, out _)).Except(s_plainWords),
        ];
        words.Should().Contain(["attn_q", "q_proj", "wq", "blk", "w2", "lm_head", "token_embd"]);

        FindLiterals(new Regex($@"\b({string.Join('|', words.Distinct().Select(Regex.Escape))})\b")).Should().BeEmpty();
    }

    // The name of the program llama.cpp is allowed. A metadata key in the command's project is allowed too: that project uses only the public API and cannot
    // see the tables.
    [Fact]
    public void KeysOfMetadata_AreSpelledInTheTablesAlone() =>
        FindLiterals(new Regex(
            $@"\b({string.Join('|', ModelArchitecture.All.Select(architecture => architecture.Name))})\.(?!cpp)[a-z_]|\bgeneral\.[a-z_]|\btokenizer\.(ggml|chat_template)\b"
            + @"|\bsplit\.(no|count|tensors)\b|\badapter\.(type|lora|alora)\b|\bimatrix\.(datasets|chunk)|\bquantize\.imatrix\b"))
            .Should().Equal("Llama2.Cli/Inspection/InspectionReport.cs: \"tokenizer.ggml.tokens\"");

    // The tensors of a model follow from the architecture that its file states. The files listed here are for models without such a statement: forms
    // in which only Llama was published, and new models.
    [Fact]
    public void TablesOfLlama_AreNamedOnlyWhereNoFileStatesAnArchitecture() =>
        s_projects.SelectMany(project => project.Read().Files
            .Where(file => !file.Path.StartsWith("Architectures/", StringComparison.Ordinal) && TableOfLlama().IsMatch(file.Code)).Select(file => $"{project.Name}/{file.Path}"))
            .Should().BeEquivalentTo(
                "Llama2.Core/Conversion/HuggingFaceModelClass.cs", "Llama2.Core/Conversion/Llama2CModelFile.cs", "Llama2.Core/Conversion/RandomModel.cs",
                "Llama2.Core/Formats/MetaCheckpoint/MetaParameters.cs", "Llama2.Training/Model/RandomModelMetadata.cs");

    // Exceptions: GGML's block sizes; the table of formats; the code that combines formats and tiers; llama.cpp's rules for quantization mixes, which
    // are written format by format; PyTorch's names of its types.
    [Fact]
    public void Formats_AreListedInTheirTablesAlone() =>
        s_projects.SelectMany(project => project.Read().Files.Where(file => FormatName().Matches(file.Code).Select(match => match.Value).Distinct().Count() > 3)
            .Select(file => $"{project.Name}/{file.Path}")).Should().BeEquivalentTo(
                "Llama2.Core/Quantization/GgmlTypes.cs", "Llama2.Core/Quantization/WeightFormats.cs", "Llama2.Core/Tensors/WeightMatrixFactory.cs",
                "Llama2.Core/Model/QuantizationMix.cs", "Llama2.Core/Formats/PyTorch/TorchTypes.cs");

    [GeneratedRegex(@"\bGgmlType\.\w+")]
    private static partial Regex FormatName();

    [GeneratedRegex(@"\bLlamaTensors\.All\b|\bModelArchitecture\.Llama\b")]
    private static partial Regex TableOfLlama();

    private static IEnumerable<string> FindLiterals(Regex pattern) =>
        from project in s_projects
        from file in project.Read().Files
        where !file.Path.StartsWith("Architectures/", StringComparison.Ordinal)
        from literal in file.Literals
        where pattern.IsMatch(literal)
        select $"{project.Name}/{file.Path}: {literal}";
}
