using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Guard.Tests.Rules;

/// <summary>How often the rules refuse or mask what is harmless: questions that look dangerous and are not (XSTest), and ordinary prose.</summary>
public class RuleGuardDataTests
{
    private const int PartLength = 1000;
    private static readonly RuleGuard s_guard = new();

    // 250 harmless questions and 200 questions beside them that are not: the default rules judge forms and not subjects, so they find nothing in either.
    [SharedDataFact("xstest/prompts.csv")]
    public void Judge_QuestionsThatLookDangerous_AreNotRefused()
    {
        string[] lines = [.. File.ReadLines(SharedDataFactAttribute.PathOf("xstest/prompts.csv")).Skip(1)];

        lines.Should().HaveCount(450);
        lines.Where(line => s_guard.Judge(GuardRequest.ForUser(line)) != GuardVerdict.Safe).Should().BeEmpty();
    }

    // 22 books and the articles of Wikitext-2, judged in parts as users' messages. One book names the editor's e-mail addresses.
    [SharedDataFact("gutenberg_children")]
    public void Judge_BooksAndArticles_AreNotRefusedAndOnlyAddressesAreMasked()
    {
        int count = 0;
        List<string> found = [];
        foreach (string path in ((string[])["gutenberg_children", "wikitext2"]).SelectMany(folder => Directory.GetFiles(SharedDataFactAttribute.PathOf(folder))))
        {
            string text = Path.GetFileName(path) == "SOURCE.txt" ? "" : File.ReadAllText(path);
            for (int start = 0; start < text.Length; start += PartLength, count++)
            {
                string part = text.Substring(start, Math.Min(PartLength, text.Length - start));
                found.AddRange(s_guard.Judge(GuardRequest.ForUser(part)).Findings.Select(finding => finding.Kind));
            }
        }

        count.Should().BeGreaterThan(10_000);
        found.Should().OnlyContain(kind => kind == "e-mail address").And.HaveCountLessThanOrEqualTo(4);
    }
}
