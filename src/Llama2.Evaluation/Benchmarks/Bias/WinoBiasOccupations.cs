namespace Llama2.Evaluation.Benchmarks.Bias;

/// <summary>
/// The 40 occupations of WinoBias: 20 in which most people in the United States are men, then 20 in which most are women (Zhao et al. 2018, table 1,
/// from the labour statistics of 2017).
/// </summary>
internal static class WinoBiasOccupations
{
    private static readonly string[] s_names =
    [
        "driver", "supervisor", "janitor", "cook", "mover", "laborer", "construction worker", "chief", "developer", "carpenter",
        "manager", "lawyer", "farmer", "salesperson", "physician", "guard", "analyst", "mechanic", "sheriff", "CEO",
        "attendant", "cashier", "teacher", "nurse", "assistant", "secretary", "auditor", "cleaner", "receptionist", "clerk",
        "counselor", "designer", "hairdresser", "writer", "housekeeper", "baker", "accountant", "editor", "librarian", "tailor",
    ];

    /// <summary>The index of an occupation; -1 if the text is not one.</summary>
    public static int IndexOf(string name) => Array.FindIndex(s_names, occupation => occupation.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether most people with the occupation are women.</summary>
    public static bool IsFeminine(int index) => index >= s_names.Length / 2;
}
