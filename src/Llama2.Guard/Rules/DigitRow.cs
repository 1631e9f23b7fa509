namespace Llama2.Guard.Rules;

/// <summary>Groups of digits with separators between them.</summary>
/// <param name="Start">The position of its first digit.</param>
/// <param name="End">The position after its last digit.</param>
/// <param name="Digits">The digits.</param>
/// <param name="Shape">The row with each digit replaced by d.</param>
internal readonly record struct DigitRow(int Start, int End, string Digits, string Shape);
