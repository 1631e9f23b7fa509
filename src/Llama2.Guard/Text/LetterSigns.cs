namespace Llama2.Guard.Text;

/// <summary>Digits and signs that stand for letters in words such as <c>l33t</c>.</summary>
internal static class LetterSigns
{
    /// <summary>A character that is the same for a letter and for all signs that stand for it. Several letters may share it.</summary>
    public static char ClassOf(char character) => character switch
    {
        'l' or '1' or '!' or '|' => 'i',
        '0' => 'o',
        '3' => 'e',
        '4' or '@' => 'a',
        '5' or '$' => 's',
        '7' or '+' => 't',
        '8' => 'b',
        '9' => 'g',
        _ => character,
    };

    /// <summary>Whether a sign in a text may stand for a letter of a term. A letter never stands for another letter, nor for a digit.</summary>
    public static bool StandsFor(char sign, char letter) => sign switch
    {
        '1' or '!' or '|' => letter is 'i' or 'l',
        '0' => letter == 'o',
        '3' => letter == 'e',
        '4' or '@' => letter == 'a',
        '5' or '$' => letter == 's',
        '7' or '+' => letter == 't',
        '8' => letter == 'b',
        '9' => letter == 'g',
        _ => false,
    };
}
