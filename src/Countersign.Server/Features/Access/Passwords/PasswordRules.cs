using System.Text;

namespace Countersign.Server.Features.Access.Passwords;

/// <summary>
/// What a new password must be: long enough and not one that others would guess. NIST SP 800-63B-4 §3.1.1.2:
/// no composition rules, and nothing is ever cut off.
/// </summary>
internal static class PasswordRules
{
    public const string TooShort = "password.too_short";
    public const string TooLong = "password.too_long";
    public const string Common = "password.common";

    // NFKC composes at most four code units into one, or three surrogate pairs into one; so a longer text cannot
    // come down to the maximum, and need not be normalised to be refused.
    private const int MostUnitsPerCodePoint = 6;

    /// <summary>Returns the code of the first rule that the password breaks, or null.</summary>
    public static string? Check(
        string password, PasswordPolicy policy, PasswordBlocklist blocklist, string userName, string serviceName)
    {
        if (password.Length > policy.MaximumLength * MostUnitsPerCodePoint)
        {
            return TooLong;
        }

        var characters = Normalise(password).EnumerateRunes().ToArray();
        if (characters.Length > policy.MaximumLength)
        {
            return TooLong;
        }

        if (characters.Length < policy.MinimumLength)
        {
            return TooShort;
        }

        var repeatsOneCharacter = Array.TrueForAll(characters, c => c == characters[0]);
        return repeatsOneCharacter || blocklist.Contains(password, userName, serviceName) ? Common : null;
    }

    /// <summary>Brings a password into the form that is counted, compared and hashed, so that it is the same from every keyboard.</summary>
    public static string Normalise(string password) => Repair(password).Normalize(NormalizationForm.FormKC);

    // Normalize throws on what is not text: lone surrogates and the noncharacter U+FFFE.
    private static string Repair(string password)
    {
        var text = new StringBuilder(password.Length);
        foreach (var character in password.EnumerateRunes())
        {
            text.Append(character.Value == 0xFFFE ? Rune.ReplacementChar : character);
        }

        return text.ToString();
    }
}
