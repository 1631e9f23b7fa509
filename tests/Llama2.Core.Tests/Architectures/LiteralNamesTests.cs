using System.Text.RegularExpressions;
using Llama2.Architectures;
using Llama2.Tests.Architecture;

namespace Llama2.Tests.Architectures;

/// <summary>The tables of Architectures are the only place that spells what they have: everything else derives from them.</summary>
public partial class LiteralNamesTests
{
    // Parts of names that are words of other things too.
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

    private static IEnumerable<string> FindLiterals(Regex pattern) =>
        from project in new[] { Project.Core, Project.Extensions, Project.Training, Project.Evaluation, Project.Cli }
        from file in project.Read().Files
        where !file.Path.StartsWith("Architectures/", StringComparison.Ordinal)
        from literal in file.Literals
        where pattern.IsMatch(literal)
        select $"{project.Name}/{file.Path}: {literal}";
}
