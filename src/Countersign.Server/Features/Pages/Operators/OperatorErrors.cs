namespace Countersign.Server.Features.Pages.Operators;

internal static class OperatorErrors
{
    public static readonly Error WrongCode = new("operator.wrong_code", ErrorKind.Forbidden);
    public static readonly Error Prefix = new("operator.prefix", ErrorKind.Invalid);
}
