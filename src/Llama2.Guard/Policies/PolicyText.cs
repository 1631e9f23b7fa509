using System.Text;

namespace Llama2.Guard.Policies;

/// <summary>Writes the categories of a policy as Llama Guard's prompt has them.</summary>
internal static class PolicyText
{
    public static void Append(StringBuilder text, GuardPolicy policy)
    {
        foreach (GuardCategory category in policy.Categories)
        {
            text.Append(category.Code).Append(": ").Append(category.Name).Append(category.HeadingEnd).Append('\n');
            AppendGuidelines(text, "Should not", category.ShouldNot);
            AppendGuidelines(text, "Can", category.Can);
            AppendGuidelines(text, "Should", category.Should);
        }
    }

    private static void AppendGuidelines(StringBuilder text, string heading, IReadOnlyList<string> guidelines)
    {
        if (guidelines.Count == 0)
            return;
        text.Append(heading).Append('\n');
        foreach (string guideline in guidelines)
            text.Append("- ").Append(guideline).Append('\n');
    }
}
